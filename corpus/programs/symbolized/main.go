// Command symbolized dies in C called from Go, with a symbolizer registered.
package main

/*
#include <stdint.h>
#include <string.h>

struct traceback { uintptr_t context, sig_context, *buf, max; };
struct symbol { uintptr_t pc; const char *file; uintptr_t line; const char *func; uintptr_t entry, more, data; };

static int outer(int *p);
static int inner(int *p) { return *p; }
static int outer(int *p) { return inner(p) + 1; }

static void trace(void *arg) {
	struct traceback *t = arg;
	uintptr_t pcs[] = { (uintptr_t)inner + 4, (uintptr_t)outer + 4, (uintptr_t)memcpy + 1, 0 };
	for (uintptr_t i = 0; i < 4 && i < t->max; i++) t->buf[i] = pcs[i];
}

static void name(void *arg) {
	struct symbol *s = arg;
	s->func = s->file = 0;
	s->line = 0;
	if (s->pc == (uintptr_t)inner + 4) { s->func = "inner"; s->file = "/build/c/inner.c"; s->line = 10; }
	else if (s->pc == (uintptr_t)outer + 4) { s->func = "ns::outer(int *)"; }
}

static void *tracer(void) { return trace; }
static void *namer(void) { return name; }
static int run(void) { return outer(0); }
*/
import "C"

import (
	"os"
	"runtime"
)

func main() {
	if len(os.Args) > 1 {
		runtime.SetCgoTraceback(0, C.tracer(), nil, nil)
	} else {
		runtime.SetCgoTraceback(0, C.tracer(), nil, C.namer())
	}
	C.run()
}
