//go:build go1.25

package main

import (
	"time"
	_ "unsafe"
)

// testing/synctest without testing.
//
//go:linkname run internal/synctest.Run
func run(f func())

func bubble() {
	run(func() {
		block := make(chan int)
		go func() { <-block }()
		go func() { time.Sleep(time.Hour) }()
		go func() { select {} }()
		time.Sleep(time.Minute)
		panic("bubble")
	})
}
