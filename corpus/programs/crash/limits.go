package main

import (
	"runtime"
	"syscall"
	"time"
)

var kept [][]byte

//go:noinline
func keep(size int) {
	block := make([]byte, size) // crash: oom
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	kept = append(kept, block)
}

func outOfMemory() {
	for {
		keep(16 << 20)
	}
}

// manyThreads blocks more and more threads in system calls.
func manyThreads() {
	for i := 0; i < 64; i++ {
		go func() {
			runtime.LockOSThread()
			pause := syscall.Timespec{Sec: 60}
			syscall.Nanosleep(&pause, nil)
		}()
	}
	time.Sleep(20 * time.Second)
}
