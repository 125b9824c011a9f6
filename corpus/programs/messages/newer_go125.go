//go:build go1.25

package main

import (
	"runtime"
	"sync"
	"time"
)

var _ = add(map[string]func(){
	"wg-go":        func() { var wg sync.WaitGroup; wg.Go(func() { fill(nil) }); wg.Wait() },
	"wg-go-stuck":  func() { var wg sync.WaitGroup; c := make(chan int); wg.Go(func() { c <- 1 }); wg.Wait() },
	"cleanup-self": func() { r := new(record); runtime.AddCleanup(r, func(*record) {}, r) },
	"cleanup-nil":  func() { var r *record; runtime.AddCleanup(r, func(int) {}, 1) },
	"pinner-nil":   func() { new(runtime.Pinner).Pin(nil) },
	"pinner-kind":  func() { new(runtime.Pinner).Pin(3) },
	"pinner-leak": func() {
		new(runtime.Pinner).Pin(new(int))
		for {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	},
})
