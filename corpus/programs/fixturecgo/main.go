// Command fixturecgo mixes Go and C functions, both with DWARF.
package main

/*
#include "mix.h"
*/
import "C"

type mixer struct{ seed uint32 }

func (m *mixer) next(n int) uint32 { return m.step(m.scaled(n)) }

func (m *mixer) scaled(n int) uint32 { return uint32(n) * 2654435761 }

//go:noinline
func (m *mixer) step(x uint32) uint32 {
	m.seed = uint32(C.mix(C.uint32_t(m.seed), C.uint32_t(x)))
	return m.seed
}

func main() {
	m := &mixer{1}
	for i := 0; i < 4; i++ {
		println(m.next(i))
	}
	println(uint64(C.checksum((*C.uint32_t)(&m.seed), 1)))
}
