package main

import (
	"runtime"
	"sync"
	"syscall"
	"time"
)

//go:noinline
func await(done chan int) int {
	return <-done // crash: deadlock
}

func deadlockChan() { println(await(make(chan int))) }

type account struct {
	mu      sync.Mutex
	balance int
}

//go:noinline
func (a *account) transfer(to *account) {
	a.mu.Lock()
	to.mu.Lock() // crash: deadlock-mutex
	to.balance++
}

func deadlockMutex() {
	a := new(account)
	a.transfer(a)
}

//go:noinline
func gather(parts int) {
	var wg sync.WaitGroup
	results := make(chan int)
	for i := 0; i < parts; i++ {
		wg.Add(1)
		go func(n int) {
			defer wg.Done()
			results <- n // blocked: deadlock-wg
		}(i)
	}
	wg.Wait() // crash: deadlock-wg
	close(results)
}

func deadlockWaitGroup() { gather(2) }

type cache struct{ entries map[int]int }

//go:noinline
func (c *cache) fill(from int) {
	for i := from; ; i = (i + 1) % 1000 {
		c.entries[i] = i // crash: mapwrites
	}
}

func concurrentMapWrites() {
	c := &cache{map[int]int{}}
	go c.fill(0)
	go c.fill(500)
	time.Sleep(10 * time.Second)
}

//go:noinline
func stop(quit chan struct{}) {
	close(quit) // crash: close-closed
}

func closeClosed() {
	quit := make(chan struct{})
	stop(quit)
	stop(quit)
}

//go:noinline
func publish(events chan string, event string) {
	events <- event // crash: send-closed
}

func sendOnClosed() {
	events := make(chan string, 1)
	close(events)
	publish(events, "late")
}

//go:noinline
func (a *account) unlock() {
	a.mu.Unlock() // crash: unlock
}

func unlockUnlocked() { new(account).unlock() }

type pool struct {
	jobs chan int
	wg   sync.WaitGroup
}

//go:noinline
func (p *pool) work(id int) {
	defer p.wg.Done()
	for job := range p.jobs {
		p.handle(id, job)
	}
}

//go:noinline
func (p *pool) handle(id, job int) {
	if job == 3 {
		panic("job 3: checksum mismatch") // crash: workers
	}
	time.Sleep(time.Hour)
}

// workers crashes in one of several goroutines: some at work, one locked to its
// thread, one in a system call, one in a timer's sleep.
func workers() {
	go func() {
		runtime.LockOSThread()
		select {}
	}()
	go func() {
		var pipe [2]int
		syscall.Pipe2(pipe[:], 0)
		syscall.Read(pipe[0], make([]byte, 1))
	}()
	time.Sleep(50 * time.Millisecond)
	p := &pool{jobs: make(chan int)}
	for id := 0; id < 3; id++ {
		p.wg.Add(1)
		go p.work(id) // created: workers
	}
	for job := 1; job <= 3; job++ {
		p.jobs <- job
	}
	p.wg.Wait()
}

//go:noinline
func deliver(to, message string, tries int) {
	func() {
		if tries > 1 {
			panic("cannot deliver to " + to) // crash: closure
		}
	}()
}

func closureInGoroutine() {
	var wg sync.WaitGroup
	wg.Add(1)
	go deliver("example", "hello", zero+2) // created: closure
	wg.Wait()
}

// serve logs, sleeps and stays up until somebody sends a signal.
func serve() {
	println("listening on :8080")
	ticks := make(chan int)
	go ticker(ticks)
	for n := range ticks { // crash: serve
		sink = n
	}
}

//go:noinline
func ticker(ticks chan int) {
	for n := 0; ; n++ {
		time.Sleep(time.Hour)
		ticks <- n
	}
}
