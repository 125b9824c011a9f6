// Calls C.
package main

/*
#include <stdlib.h>
#include <string.h>

// strlcpy came with glibc 2.38.
static long number(const char *text) {
	char digits[8] = "";
#ifdef __GLIBC__
#define NEW __GLIBC_PREREQ(2, 38)
#endif
#if NEW
	strlcpy(digits, text, sizeof digits);
#else
	strncpy(digits, text, sizeof digits - 1);
#endif
	return strtol(digits, 0, 10);
}
*/
import "C"

import "fmt"

func main() {
	if n := C.number(C.CString("42")); n != 42 {
		panic(n)
	}
	fmt.Println("runs")
}
