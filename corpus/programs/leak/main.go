// Command leak asks three replicas and takes the first answer; the other two
// can never hand over theirs and stay. `leak N` serves N requests and waits to
// be asked for its goroutines with SIGQUIT.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

type answer struct {
	replica int
	text    string
}

type proxy struct {
	replicas []string
	jobs     chan int
	done     sync.WaitGroup
}

// ask leaks: the channel has no room for the answers that nobody waits for.
func (p *proxy) ask(request int) answer {
	answers := make(chan answer)
	for i, replica := range p.replicas {
		go p.query(i, replica, request, answers)
	}
	return <-answers
}

//go:noinline
func (p *proxy) query(i int, replica string, request int, answers chan<- answer) {
	text := fmt.Sprintf("%s: %d", replica, request)
	answers <- answer{i, text}
}

func (p *proxy) work() {
	for request := range p.jobs {
		p.ask(request)
		p.done.Done()
	}
}

// preload fills a cache at the start, and is gone after some seconds.
func preload() { time.Sleep(5 * time.Second) }

// report begins when the first minute is over.
func report(every time.Duration) {
	for range time.Tick(every) {
	}
}

func main() {
	requests, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	p := &proxy{replicas: []string{"a", "b", "c"}, jobs: make(chan int)}
	for i := 0; i < 4; i++ {
		go p.work()
	}
	go preload()
	time.AfterFunc(time.Minute, func() { go report(time.Hour) })
	p.done.Add(requests)
	for i := 0; i < requests; i++ {
		p.jobs <- i
	}
	p.done.Wait()
	// The runtime counts waits from the end of a collection, noted in the next.
	runtime.GC()
	runtime.GC()
	select {}
}
