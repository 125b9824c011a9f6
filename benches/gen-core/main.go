// Many parked goroutines of several kinds, then a nil dereference: `gen-core 100000`.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

type server struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	jobs chan int
	done chan struct{}
	wg   sync.WaitGroup
	cond *sync.Cond
}

//go:noinline
func (s *server) receive(id int) int {
	select {
	case v := <-s.jobs:
		return v + id
	case <-s.done:
		return id
	}
}

//go:noinline
func (s *server) handle(id int, name string) int { return s.receive(id) + len(name) }

//go:noinline
func (s *server) lock(id int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return id
}

//go:noinline
func (s *server) own(c chan int, id int) int { return <-c + id }

//go:noinline
func (s *server) deep(c chan int, id, n int) int {
	if n == 0 {
		return s.own(c, id)
	}
	return s.deep(c, id, n-1) + 1
}

//go:noinline
func (s *server) send(id int) { s.jobs <- id }

//go:noinline
func (s *server) sleep(id int) { time.Sleep(time.Hour + time.Duration(id)) }

//go:noinline
func (s *server) read(id int) int {
	s.rw.RLock()
	defer s.rw.RUnlock()
	return id
}

//go:noinline
func (s *server) wait(ctx context.Context, id int) error {
	<-ctx.Done()
	return ctx.Err()
}

type order struct{ amount, items int }

//go:noinline
func (o *order) total() int { return o.items * o.amount }

func main() {
	n := 100000
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	s := &server{jobs: make(chan int), done: make(chan struct{})}
	s.cond = sync.NewCond(&sync.Mutex{})
	s.mu.Lock()
	s.rw.Lock()
	s.wg.Add(1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for i := 0; i < n; i++ {
		i := i
		switch i % 10 {
		case 0, 1, 2:
			go s.handle(i, "worker")
		case 3, 4:
			go s.own(make(chan int), i)
		case 5:
			go func() { s.deep(make(chan int), i, 8) }()
		case 6:
			go s.lock(i)
		case 7:
			go s.sleep(i)
		case 8:
			go s.read(i)
		case 9:
			if i%20 == 9 {
				go func() { s.wg.Wait() }()
			} else {
				go s.wait(ctx, i)
			}
		}
	}
	time.Sleep(3 * time.Second)
	fmt.Fprintln(os.Stderr, "now")
	var o *order
	fmt.Println(o.total())
	s.mu.Unlock()
}
