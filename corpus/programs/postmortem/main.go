// Command postmortem dies with something to find in its memory: locks, crowds,
// deep stacks, panics of its own types. Its first argument says which.
//
// It imports neither os nor fmt, so that stripped binaries stay small.
package main

import (
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

type account struct {
	mu      sync.Mutex
	balance int
}

// transfer locks both accounts, and nobody agreed on the order.
func (a *account) transfer(to *account, ready *sync.WaitGroup) {
	a.mu.Lock()
	ready.Done()
	ready.Wait()
	to.mu.Lock()
	a.balance--
	to.balance++
}

func twoLocks() {
	var ready sync.WaitGroup
	ready.Add(2)
	left, right := new(account), new(account)
	var both sync.WaitGroup
	both.Add(2)
	go func() { left.transfer(right, &ready); both.Done() }()
	go func() { right.transfer(left, &ready); both.Done() }()
	both.Wait()
}

// crowd has a thousand goroutines in four places when one panics.
func crowd() {
	jobs, results, never := make(chan int), make(chan int, 4), make(chan struct{})
	var mu sync.Mutex
	mu.Lock()
	for i := 0; i < 250; i++ {
		go func() { results <- <-jobs }()
		go func(id int) { mu.Lock(); results <- id }(i)
		go func() {
			select {
			case <-never:
			case <-jobs:
			}
		}()
		go func() { time.Sleep(time.Hour) }()
	}
	time.Sleep(50 * time.Millisecond)
	panic("crowd")
}

func descend(depth int, pad [8]int) int {
	return descend(depth+1, pad) + pad[depth&7]
}

func overflow() {
	debug.SetMaxStack(64 << 10)
	println(descend(0, [8]int{1, 2, 3}))
}

type code int

type problem struct{ text string }

func (p *problem) Error() string { return p.text }

// nested panics with three types, the second while the first unwinds.
func nested() {
	defer func() {
		defer func() { panic(code(7)) }()
		panic(&problem{"second"})
	}()
	panic(2.5)
}

// spin is stopped in a loop without calls, which asynchronous preemption makes possible.
func spin() {
	stop := false
	go func() {
		for n := 0; !stop; n++ {
		}
	}()
	time.Sleep(20 * time.Millisecond)
	runtime.GC()
	time.Sleep(20 * time.Millisecond)
	panic("spun")
}

func maps() {
	m := map[int]int{}
	for i := 0; i < 4; i++ {
		go func() {
			for n := 0; ; n++ {
				m[n&7] = n
			}
		}()
	}
	select {}
}

// wait does nothing for a while, for those who dump it from outside.
func wait() { time.Sleep(time.Hour) }

func main() {
	modes := map[string]func(){
		"two-locks": twoLocks, "crowd": crowd, "overflow": overflow, "nested": nested,
		"spin": spin, "maps": maps, "wait": wait,
	}
	run, ok := modes[firstArgument()]
	if !ok {
		println("postmortem: unknown mode")
		syscall.Exit(64)
	}
	run()
}

// firstArgument reads argv[1] from /proc.
func firstArgument() string {
	fd, err := syscall.Open("/proc/self/cmdline", syscall.O_RDONLY, 0)
	if err != nil {
		return ""
	}
	defer syscall.Close(fd)
	buf := make([]byte, 4096)
	n, _ := syscall.Read(fd, buf)
	var words []string
	for start, i := 0, 0; i < n; i++ {
		if buf[i] == 0 {
			words = append(words, string(buf[start:i]))
			start = i + 1
		}
	}
	if len(words) < 2 {
		return ""
	}
	return words[1]
}
