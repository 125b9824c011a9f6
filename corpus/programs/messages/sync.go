package main

import (
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"time"
)

type bank struct {
	mu       sync.Mutex
	rw       sync.RWMutex
	wg       sync.WaitGroup
	accounts map[int]int
}

//go:noinline
func (b *bank) deposit(into *bank, ready *sync.WaitGroup) {
	b.mu.Lock()
	ready.Done()
	ready.Wait()
	into.mu.Lock()
	into.mu.Unlock()
	b.mu.Unlock()
}

func opposite() {
	a, b := new(bank), new(bank)
	var ready, done sync.WaitGroup
	ready.Add(2)
	done.Add(2)
	go func() { a.deposit(b, &ready); done.Done() }()
	go func() { b.deposit(a, &ready); done.Done() }()
	done.Wait()
}

//go:noinline
func (b *bank) report() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.accounts)
}

// queue has many goroutines wait for one mutex that main holds.
func queue() {
	b := new(bank)
	b.mu.Lock()
	var done sync.WaitGroup
	for i := 0; i < 5; i++ {
		done.Add(1)
		go func() { b.report(); done.Done() }()
	}
	done.Wait()
}

func readers() {
	b := new(bank)
	b.rw.Lock()
	go func() { b.rw.RLock() }()
	go func() { b.rw.Lock() }()
	time.Sleep(10 * time.Millisecond)
	b.rw.RLock()
}

func condition() {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	go func() { mu.Lock(); c.Wait() }()
	mu.Lock()
	c.Wait()
}

func exchange() {
	a, b := make(chan int), make(chan int)
	go func() { a <- <-b }()
	b <- <-a
}

func selecting() {
	a, b := make(chan int), make(chan int)
	select {
	case <-a:
	case b <- 1:
	}
}

func waitMisuse() {
	// A race that the runtime sees only now and then.
	for {
		var wg sync.WaitGroup
		var started int32
		for i := 0; i < 2; i++ {
			go func() {
				for atomic.LoadInt32(&started) == 0 {
				}
				for j := 0; j < 100; j++ {
					wg.Add(1)
					wg.Done()
				}
			}()
		}
		atomic.StoreInt32(&started, 1)
		for j := 0; j < 100; j++ {
			wg.Wait()
		}
	}
}

//go:noinline
func (b *bank) set(n int) {
	for {
		for i := 0; i < 64; i++ {
			b.accounts[i+n] = n
		}
	}
}

//go:noinline
func (b *bank) get() {
	for {
		for i := 0; i < 64; i++ {
			zero += b.accounts[i] * 0
		}
	}
}

//go:noinline
func (b *bank) each() {
	for {
		for range b.accounts {
		}
	}
}

func race(more ...func()) {
	for _, f := range more {
		go f()
	}
	time.Sleep(20 * time.Second)
}

func full() *bank {
	b := &bank{accounts: map[int]int{}}
	for i := 0; i < 5000; i++ {
		b.accounts[i] = i
	}
	return b
}

//go:noinline
func finish(quit chan struct{}) { close(quit) }

var _ = add(map[string]func(){
	"deadlock-opposite":     opposite,
	"deadlock-queue":        queue,
	"deadlock-rwmutex":      readers,
	"deadlock-cond":         condition,
	"deadlock-ring":         exchange,
	"deadlock-select":       selecting,
	"deadlock-empty-select": func() { select {} },
	"deadlock-nil-receive":  func() { var c chan int; <-c },
	"deadlock-nil-send":     func() { var c chan int; c <- 1 },
	"deadlock-range": func() {
		c := make(chan int, 1)
		c <- 1
		for range c {
		}
	},
	"deadlock-wait":        func() { var wg sync.WaitGroup; wg.Add(1); wg.Wait() },
	"deadlock-twice":       func() { b := new(bank); b.mu.Lock(); b.report() },
	"deadlock-signal-free": func() { signal.Reset(); var c chan os.Signal; <-c },
	"map-writes":           func() { b := full(); race(func() { b.set(0) }, func() { b.set(1) }) },
	"map-read-write":       func() { b := full(); race(b.get, func() { b.set(0) }) },
	"map-iteration":        func() { b := full(); race(b.each, func() { b.set(0) }) },
	"close-closed":         func() { c := make(chan struct{}); finish(c); finish(c) },
	"close-nil":            func() { finish(nil) },
	"send-closed":          func() { c := make(chan int); close(c); c <- 1 },
	"send-closed-blocked":  func() { c := make(chan int); go func() { time.Sleep(10 * time.Millisecond); close(c) }(); c <- 1 },
	"unlock":               func() { new(bank).mu.Unlock() },
	"rw-unlock":            func() { new(bank).rw.Unlock() },
	"rw-runlock":           func() { new(bank).rw.RUnlock() },
	"wg-negative":          func() { b := new(bank); b.wg.Done() },
	"wg-misuse":            waitMisuse,
	"cond-copied":          func() { c := sync.NewCond(&sync.Mutex{}); c.Signal(); d := *c; d.Signal() },
	"atomic-nil":           func() { var v atomic.Value; v.Store(nil) },
	"atomic-type":          func() { var v atomic.Value; v.Store(1); v.Store("a") },
	"go-nil":               func() { var f func(); go f(); time.Sleep(time.Second) },
	"once-panic":           func() { var o sync.Once; o.Do(func() { panic("once") }) },
	"in-goroutine":         func() { go func() { fill(nil) }(); time.Sleep(time.Second) },
	"in-timer":             func() { time.AfterFunc(time.Millisecond, func() { fill(nil) }); time.Sleep(time.Second) },
})
