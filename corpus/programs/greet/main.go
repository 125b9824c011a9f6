// Command greet has one C function of its own and calls nothing else of C.
package main

/*
static int twice(int n) { return 2 * n; }
*/
import "C"

func main() { println("hello from Go and C", int(C.twice(21))) }
