// Command fortified calls what only glibc has: the checked functions that
// _FORTIFY_SOURCE puts in, and one that no other C library knows.
package main

/*
#cgo CFLAGS: -O2 -D_FORTIFY_SOURCE=2
#include <gnu/libc-version.h>
#include <stdio.h>

static int show(int n) {
	char digits[16];
	return snprintf(digits, n > 99 ? n : sizeof digits, "%d", n);
}
*/
import "C"

func main() { println(C.show(3), C.GoString(C.gnu_get_libc_version())) }
