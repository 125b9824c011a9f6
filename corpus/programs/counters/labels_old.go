//go:build !go1.24

package main

import (
	"time"
	"unsafe"
)

// As runtime/pprof/label.go does it up to Go 1.23, without the rest of that package:
// a pointer to a map.
//
//go:linkname setLabels runtime/pprof.runtime_setProfLabel
func setLabels(labels unsafe.Pointer)

func labels() {
	few := map[string]string{"tenant": "blue", "request": "GET /orders"}
	many := map[string]string{}
	for c := 'a'; c <= 'z'; c++ {
		many[string(c)] = string(c) + string(c)
	}
	go func() { setLabels(unsafe.Pointer(&few)); select {} }()
	go func() { setLabels(unsafe.Pointer(&many)); select {} }()
	time.Sleep(20 * time.Millisecond)
	panic("labels")
}
