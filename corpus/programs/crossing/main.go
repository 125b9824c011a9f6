// Command crossing breaks the rules between Go and C: pointers that C may not
// see, and a signal handler without a stack of its own.
package main

/*
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

typedef struct { int *where; } holder;

static void look(holder *h) { (void)h; }

// clear_onstack takes SA_ONSTACK from Go's own handler, as libraries do that
// install handlers again.
static void clear_onstack(int signal) {
	struct sigaction action;
	sigaction(signal, NULL, &action);
	action.sa_flags &= ~SA_ONSTACK;
	sigaction(signal, &action, NULL);
}

extern int *lend(void);
static int borrow(void) { return *lend(); }
*/
import "C"

import (
	"os"
	"syscall"
	"time"
)

//go:noinline
func pass() {
	value := new(C.int)
	C.look(&C.holder{where: value}) // crash: pointer
}

//export lend
func lend() *C.int { // crash: result
	return new(C.int)
}

//go:noinline
func interrupt() {
	C.clear_onstack(C.int(syscall.SIGUSR1))
	syscall.Kill(os.Getpid(), syscall.SIGUSR1) // crash: onstack
	time.Sleep(time.Second)
}

func main() {
	switch os.Args[1] {
	case "pointer":
		pass()
	case "result":
		C.borrow()
	case "onstack":
		interrupt()
	}
}
