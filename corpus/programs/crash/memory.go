package main

import (
	"sync/atomic"
	"unsafe"
)

var (
	sink any
	zero int
)

type order struct {
	id    int
	total int
	lines []int
}

var missing *order

// nilField reads the first field, so the fault address is 0.
//
//go:noinline
func nilField() {
	println(missing.id) // crash: nil
}

//go:noinline
func (o *order) price() int {
	return o.sum() + zero // inlined: nil8
}

// sum and amount are inlined into price; total lies right behind id.
func (o *order) sum() int { return o.amount() }

func (o *order) amount() int {
	return o.total // crash: nil8
}

//go:noinline
func nilMethod() {
	println(missing.price()) // caller: nil8
}

type handlers struct{ onClose func(int) }

//go:noinline
func (h *handlers) close(code int) {
	h.onClose(code) // crash: nilfunc
}

func nilFunc() { (&handlers{}).close(zero) }

//go:noinline
func remember(seen map[string]int, key string) {
	seen[key]++ // crash: nilmap
}

func nilMap() { remember(nil, "first") }

//go:noinline
func pick(items []int, i int) int {
	return items[i] // crash: index
}

func indexOutOfRange() { println(pick([]int{1, 2, 3}, zero+5)) }

//go:noinline
func cut(text string, from, to int) string {
	return text[from:to] // crash: slice
}

func sliceBounds() { println(cut("abc", zero+2, zero+9)) }

//go:noinline
func share(total, parts int) int {
	return total / parts // crash: divide
}

func divide() { println(share(10, zero)) }

type namer interface{ Name() string }

//go:noinline
func asInt(v any) int {
	return v.(int) // crash: assert
}

func assertType() { println(asInt("seven")) }

//go:noinline
func nameOf(v any) string {
	return v.(namer).Name() // crash: assert-iface
}

func assertInterface() { println(nameOf(&order{})) }

//go:noinline
func even(n int, pad [16]int) int { // prologue: overflow-even
	pad[n&15] = n
	return odd(n+1, pad) + pad[0] // mutual: overflow
}

//go:noinline
func odd(n int, pad [16]int) int { // prologue: overflow-odd
	pad[n&15] = n
	return even(n+1, pad) + pad[1] // mutual: overflow
}

func overflow() { println(even(zero, [16]int{})) }

type ring[T any] struct{ items []T }

//go:noinline
func (r *ring[T]) last() T {
	return r.items[len(r.items)-1] // crash: generic
}

//go:noinline
func lastOf[T any](items []T) T {
	return (&ring[T]{items}).last()
}

func genericPanic() { println(lastOf([]string{})) }

type counters struct {
	open  uint32
	bytes uint64 // only 4-aligned on 32-bit targets
}

var traffic = new([2]counters)

//go:noinline
func (c *counters) add(n uint64) {
	atomic.AddUint64(&c.bytes, n) // crash: atomic64
}

// unalignedAtomic takes whichever of two neighbours has an unaligned counter.
func unalignedAtomic() {
	c := &traffic[0]
	if uintptr(unsafe.Pointer(&c.bytes))%8 == 0 {
		c = &traffic[1]
	}
	c.add(7)
}
