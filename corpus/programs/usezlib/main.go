// Command usezlib needs one shared library besides libc.
package main

/*
#cgo LDFLAGS: -lz
const char *zlibVersion(void);
*/
import "C"

func main() { println("zlib version", C.GoString(C.zlibVersion())) }
