package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"unsafe"
)

type shape interface{ Area() float64 }

type square struct{ side float64 }

func (s square) Area() float64 { return s.side * s.side }

type record struct {
	id   int
	pad  [8000]byte
	name string
	next *record
}

//go:noinline
func (r *record) first() int { return r.id }

//go:noinline
func (r *record) second() string { return r.name }

//go:noinline
func (r *record) third() *record { return r.next.next }

//go:noinline
func call(f func(int) int) int { return f(zero) }

//go:noinline
func area(s shape) float64 { return s.Area() }

//go:noinline
func key(v any) { m := map[any]int{}; m[v] = 1; sink = m }

//go:noinline
func same(a, b any) bool { return a == b }

//go:noinline
func shift(n int) int { return 1 << n }

//go:noinline
func fill(m map[string]int) { m["a"] = 1 }

type failing struct{}

func (failing) Error() string { panic("no text for this error") }

var _ = add(map[string]func(){
	"index":                func() { sink = three[zero+5] },
	"index-empty":          func() { sink = three[:zero][zero] },
	"index-negative":       func() { sink = three[minus] },
	"index-huge":           func() { sink = three[uint64(math.MaxUint64)+uint64(zero)] },
	"index-string":         func() { sink = "abc"[zero+3] },
	"slice-capacity":       func() { sink = three[:zero+9] },
	"slice-length":         func() { sink = "abc"[:zero+9] },
	"slice-order":          func() { sink = three[zero+2 : zero+1] },
	"slice-negative":       func() { sink = three[minus:] },
	"slice-end-negative":   func() { sink = three[:minus] },
	"slice-start":          func() { sink = three[zero+4:] },
	"slice3-capacity":      func() { sink = three[0 : 1 : zero+9] },
	"slice3-end":           func() { sink = three[: zero+3 : zero+2] },
	"slice3-start":         func() { sink = three[zero+2 : zero+1 : zero+3] },
	"slice3-array":         func() { a := [3]int{}; sink = a[: zero+1 : zero+9] },
	"to-array":             func() { sink = *(*[4]int)(three) },
	"to-array-pointer":     func() { sink = (*[8]int)(three[:zero]) },
	"divide":               func() { sink = 10 / zero },
	"shift":                func() { sink = shift(minus) },
	"nil":                  func() { var r *record; sink = r.first() },
	"nil-offset":           func() { var r *record; sink = r.second() },
	"nil-chain":            func() { sink = new(record).third() },
	"nil-function":         func() { sink = call(nil) },
	"nil-interface":        func() { sink = area(nil) },
	"nil-in-interface":     func() { var s *square; sink = area(s) },
	"nil-map":              func() { fill(nil) },
	"assert":               func() { sink = any("seven"); sink = sink.(int) },
	"assert-nil":           func() { sink = nil; sink = sink.(int) },
	"assert-interface":     func() { sink = 7; sink = sink.(shape) },
	"assert-nil-interface": func() { sink = nil; sink = sink.(shape) },
	"assert-pointer":       func() { var s shape = square{2}; sink = s.(*square2) },
	"unhashable":           func() { key([]int{1}) },
	"uncomparable":         func() { sink = same([]int{1}, []int{1}) },
	"makeslice-len":        func() { sink = make([]int, minus) },
	"makeslice-cap":        func() { sink = make([]int, 0, many) },
	"makechan":             func() { sink = make(chan int, minus) },
	"growslice":            func() { sink = append(make([]struct{}, math.MaxInt+zero), struct{}{}) },
	"unsafe-slice":         func() { sink = unsafe.Slice(&three[0], minus) },
	"unsafe-slice-nil":     func() { var p *int; sink = unsafe.Slice(p, zero+1) },
	"panic-nil":            func() { panic(nil) },
	"panic-error":          func() { panic(io.ErrUnexpectedEOF) },
	"panic-wrapped":        func() { panic(fmt.Errorf("open store: %w", io.ErrClosedPipe)) },
	"bad-error":            func() { panic(failing{}) },
	"goexit":               func() { runtime.Goexit() },
	"finalizer-nil":        func() { runtime.SetFinalizer(nil, nil) },
	"finalizer-kind":       func() { runtime.SetFinalizer(3, nil) },
	"finalizer-func":       func() { runtime.SetFinalizer(new(record), 3) },
	"finalizer-twice": func() {
		r := new(record)
		f := func(*record) {}
		runtime.SetFinalizer(r, f)
		runtime.SetFinalizer(r, f)
	},
	"finalizer-inner": func() { runtime.SetFinalizer(&new(record).name, func(*string) {}) },
	"finalizer-arg":   func() { runtime.SetFinalizer(new(record), func(*square) {}) },
	"wild":            func() { sink = *(*int)(unsafe.Pointer(uintptr(zero + 0xdead0000))) },
	"wild-high":       func() { a := uint64(1)<<63 + 8; sink = *(*int)(unsafe.Pointer(uintptr(a))) },
})

type square2 struct{ square }
