// Command sanitized uses memory of C wrongly, for -asan and -msan.
package main

/*
#include <stdlib.h>
static int *make_it(void) { int *p = malloc(4 * sizeof(int)); p[0] = 7; return p; }
static int use_it(int *p) { return p[1]; }
*/
import "C"

import (
	"fmt"
	"os"
	"unsafe"
)

//go:noinline
func readFreed(p *C.int) C.int {
	C.free(unsafe.Pointer(p))
	return *p
}

//go:noinline
func readPast(p *C.int) int32 {
	return (*[8]int32)(unsafe.Pointer(p))[4]
}

func main() {
	p := C.make_it()
	switch os.Args[1] {
	case "freed":
		fmt.Println(readFreed(p))
	case "past":
		fmt.Println(readPast(p))
	case "c":
		C.free(unsafe.Pointer(p))
		fmt.Println(C.use_it(p))
	case "uninit":
		q := (*C.int)(C.malloc(4))
		if *q == 3 {
			fmt.Println("three")
		}
	case "leak":
		C.malloc(100)
	}
}
