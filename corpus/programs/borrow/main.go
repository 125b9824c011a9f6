// Command borrow calls C of its own, which calls a shared library, which dies.
//
//	cc -shared -fPIC -O2 -o libledger.so library/ledger.c
package main

/*
#cgo LDFLAGS: -L. -lledger -Wl,-rpath,/build
int borrow(int amount);
*/
import "C"

//go:noinline
func lend(amount int) int {
	return int(C.borrow(C.int(amount))) + 1
}

func main() {
	println(lend(7))
}
