//go:build go1.23

package main

import (
	"iter"
	"slices"
	"unsafe"
)

func careless(yield func(int) bool) {
	yield(1)
	yield(2)
}

func swallowing(yield func(int) bool) {
	func() {
		defer func() { recover() }()
		yield(1)
	}()
}

func leave() {
	for range careless {
		break
	}
}

var kept func(int) bool

var _ = add(map[string]func(){
	"range-after-false": leave,
	"range-after-exit": func() {
		for range func(yield func(int) bool) { kept = yield } {
		}
		kept(1)
	},
	"range-recovered": func() {
		for range swallowing {
			panic("in the body")
		}
	},
	"range-after-panic": func() {
		for range func(yield func(int) bool) {
			func() { defer func() { recover() }(); yield(1) }()
			yield(2)
		} {
			panic("in the body")
		}
	},
	"iter-pull":         func() { next, _ := iter.Pull(func(yield func(int) bool) { kept = yield; yield(1) }); next(); kept(2) },
	"slices-max":        func() { slices.Max([]int{}) },
	"slices-grow":       func() { slices.Grow(three, minus) },
	"slices-repeat":     func() { slices.Repeat(three, minus) },
	"slices-chunk":      func() { slices.Chunk(three, 0) },
	"slices-insert":     func() { slices.Insert(three, 9, 1) },
	"unsafe-string":     func() { var b byte; sink = unsafe.String(&b, minus) },
	"unsafe-string-nil": func() { sink = unsafe.String(nil, zero+1) },
})
