package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
)

//go:noinline
func down(n int) int { return down(n+1) + 1 }

//go:noinline
func ping(n int) int { return pong(n+1) + 1 }

//go:noinline
func pong(n int) int { return pang(n+1) + 1 }

//go:noinline
func pang(n int) int { return ping(n+1) + 1 }

type node struct{ up *node }

func (n *node) String() string { return fmt.Sprintf("node under %v", n) }

type wire struct{ A int }

func (w wire) MarshalJSON() ([]byte, error) { return json.Marshal(w) }

// twice reaches itself from two places, so that the cycle is not regular.
//
//go:noinline
func twice(n int) int {
	if n%3 == 0 {
		return twice(n+1) + 1
	}
	return twice(n+1) + 2
}

//go:noinline
func wide(n int) int {
	var pad [1 << 16]int
	pad[n] = n
	return pad[zero] + 1
}

func small(f func()) func() {
	return func() { debug.SetMaxStack(1 << 16); f() }
}

var _ = add(map[string]func(){
	"overflow":           small(func() { down(zero) }),
	"overflow-mutual":    small(func() { ping(zero) }),
	"overflow-twice":     small(func() { twice(zero) }),
	"overflow-string":    small(func() { sink = fmt.Sprint(&node{}) }),
	"overflow-json":      small(func() { sink, _ = json.Marshal(wire{1}) }),
	"overflow-frame":     small(func() { sink = wide(zero) }),
	"overflow-goroutine": small(func() { go down(zero); select {} }),
})
