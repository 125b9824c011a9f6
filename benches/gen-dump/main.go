// gen-dump: a real Go program that produces a goroutine dump of N goroutines.
//
//	gen-dump N            crash with an unrecovered panic (needs GOTRACEBACK=all); dump on stderr
//
// The goroutines are spread over twelve different stacks (channel receive,
// channel send, select, mutex, RWMutex, WaitGroup, cond, sleep, deep recursion
// with arguments, generic function, method value, closure), so that both
// grouping and address/argument parsing are exercised.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

type server struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	cond *sync.Cond
	wg   sync.WaitGroup
	ch   chan int
	out  chan string
	name string
}

type request struct {
	id   int
	path string
	body []byte
}

//go:noinline
func (s *server) handle(r request, depth int) int {
	if depth > 0 {
		return s.handle(r, depth-1) + 1
	}
	return <-s.ch
}

//go:noinline
func (s *server) send(id int, m map[string]int) { s.out <- s.name + strconv.Itoa(id+len(m)) }

//go:noinline
func (s *server) choose(a, b chan int) int {
	select {
	case v := <-a:
		return v
	case v := <-b:
		return v
	case <-s.ch:
		return 0
	}
}

//go:noinline
func (s *server) lock() { s.mu.Lock(); s.mu.Unlock() }

//go:noinline
func (s *server) rlock() { s.rw.RLock(); s.rw.RUnlock() }

//go:noinline
func (s *server) wait() { s.wg.Wait() }

//go:noinline
func (s *server) condWait() { s.cond.L.Lock(); s.cond.Wait() }

//go:noinline
func (s *server) nap(d time.Duration, why string) { time.Sleep(d); println(why) }

//go:noinline
func pull[K comparable, V any](m map[K]V, k K, c chan V) V {
	if v, ok := m[k]; ok {
		return v
	}
	return <-c
}

//go:noinline
func walk(f func(int) int, a, b, c float64, s string, n int) int {
	if n == 0 {
		return f(n)
	}
	return walk(f, a+1, b, c, s, n-1)
}

//go:noinline
func crash(p *request) int { return len(p.path) + p.id }

func main() {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	s := &server{ch: make(chan int), out: make(chan string), name: "gen"}
	s.cond = sync.NewCond(&sync.Mutex{})
	s.mu.Lock()
	s.rw.Lock()
	s.wg.Add(1)
	a, b := make(chan int), make(chan int)
	for i := 0; i < n-1; i++ {
		i := i
		switch i % 12 {
		case 0:
			go s.handle(request{i, "/a", nil}, 16)
		case 1:
			go s.send(i, map[string]int{"x": 1})
		case 2:
			go s.choose(a, b)
		case 3:
			go s.lock()
		case 4:
			go s.rlock()
		case 5:
			go s.wait()
		case 6:
			go s.condWait()
		case 7:
			go s.nap(time.Hour, "nap")
		case 8:
			go pull(map[string]int{}, "k", a)
		case 9:
			go func() { walk(func(x int) int { return <-b + i + x }, 1, 2, 3, "walk", 6) }()
		case 10:
			go func() { s.handle(request{i, "/b", []byte("body")}, i%9) }()
		case 11:
			go func() { defer func() { recover() }(); <-s.ch }()
		}
	}
	for runtime.NumGoroutine() < n {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(500 * time.Millisecond)
	var p *request
	os.Exit(crash(p))
}
