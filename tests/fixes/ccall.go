// Calls C.
package main

// #include <stdlib.h>
// static long number(const char *text) { return strtol(text, 0, 10); }
import "C"

import "fmt"

func main() {
	if n := C.number(C.CString("42")); n != 42 {
		panic(n)
	}
	fmt.Println("runs")
}
