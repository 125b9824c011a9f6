// Command cgocrash is linked with C code and dies in it, or beside it.
package main

/*
void set_at(int *where, int value);
void give_up(const char *why);
void trap_if(int condition);
long parse(const char *text);
*/
import "C"

import (
	"os"
	"unsafe"
)

//go:noinline
func store(value int) {
	C.set_at(nil, C.int(value)) // crash: segv
}

//go:noinline
func check(ok bool) {
	if !ok {
		C.give_up(nil) // crash: abort
	}
}

//go:noinline
func trap(n int) {
	C.trap_if(C.int(n)) // crash: ill
}

type table struct{ rows []int }

//go:noinline
func (t *table) row(i int) int {
	return t.rows[i] // crash: index
}

func main() {
	text := []byte("3\x00")
	length := int(C.parse((*C.char)(unsafe.Pointer(&text[0]))))
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "segv":
		store(length)
	case "abort":
		check(length == 0)
	case "ill":
		trap(length)
	case "index":
		println((&table{}).row(length))
	case "nil":
		var t *table
		println(t.row(0))
	default:
		println("hello from Go and C", length)
	}
}
