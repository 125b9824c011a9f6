// Command counters tells what the runtime counts, and dies: what it printed is held
// against what is read out of its core. Its first argument says how.
//
// It imports neither os nor fmt, so that stripped binaries stay small.
package main

import (
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

type node struct {
	next *node
	text string
	pad  [5]int
}

var (
	kept   *node
	blocks [][]byte
)

// grow fills the heap and drops most of it, with stacks of several sizes.
func grow() {
	for i := 0; i < 2000; i++ {
		kept = &node{next: kept, text: string(make([]byte, 7+i%90))}
		if i%10 == 0 {
			blocks = append(blocks, make([]byte, 40000))
		}
	}
	blocks = blocks[:20]
	for i := 0; i < 20; i++ {
		blocks = append(blocks, blocks[i])
	}
	deep := make(chan int)
	for i := 0; i < 10; i++ {
		go descend(i*20, deep)
	}
}

func descend(depth int, block chan int) int {
	if depth == 0 {
		return <-block
	}
	return descend(depth-1, block) + depth
}

// say writes to the standard output, which leaves the other one to the runtime.
func say(name string, value uint64) {
	line := []byte(name + " 00000000000000000000\n")
	for at := len(line) - 2; value > 0; at-- {
		line[at] += byte(value % 10)
		value /= 10
	}
	syscall.Write(1, line)
}

func tell() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	say("HeapAlloc", m.HeapAlloc)
	say("HeapObjects", m.Mallocs-m.Frees)
	say("HeapInuse", m.HeapInuse)
	say("HeapIdle", m.HeapIdle)
	say("HeapReleased", m.HeapReleased)
	say("StackInuse", m.StackInuse)
	say("TotalAlloc", m.TotalAlloc)
	say("Sys", m.Sys)
	say("NextGC", m.NextGC)
	say("NumGC", uint64(m.NumGC))
	say("LastGC", m.LastGC)
	say("PauseTotalNs", m.PauseTotalNs)
	say("GOMAXPROCS", uint64(runtime.GOMAXPROCS(0)))
}

func counters() {
	debug.SetGCPercent(80)
	debug.SetMemoryLimit(300 << 20)
	grow()
	runtime.GC()
	debug.FreeOSMemory()
	time.Sleep(10 * time.Millisecond)
	grow()
	runtime.GC()
	// What finishes in the background has time to.
	time.Sleep(50 * time.Millisecond)
	tell()
	panic("counted")
}

// off never collects.
func off() {
	debug.SetGCPercent(-1)
	grow()
	tell()
	panic("counted")
}

// start has done nothing yet.
func start() {
	tell()
	panic("counted")
}

// marking dies while the garbage collector marks.
func marking() {
	for i := 0; i < 400000; i++ {
		kept = &node{next: kept}
	}
	go func() {
		for {
			runtime.GC()
		}
	}()
	time.Sleep(30 * time.Millisecond)
	panic("marking")
}

func parent(depth int) {
	if depth > 0 {
		done := make(chan bool)
		go func() { parent(depth - 1); done <- true }()
		<-done
	}
	select {}
}

// ancestors wants GODEBUG=tracebackancestors=N.
func ancestors() {
	go parent(2)
	time.Sleep(20 * time.Millisecond)
	panic("ancestors")
}

// minutes has goroutines that the garbage collector has seen blocked for more than one:
// the second collection does, and notes the time of the first.
func minutes() {
	block := make(chan int)
	go func() { <-block }()
	go func() { block <- <-make(chan int) }()
	time.Sleep(10 * time.Millisecond)
	runtime.GC()
	runtime.GC()
	time.Sleep(70 * time.Second)
	panic("minutes")
}

func main() {
	modes := map[string]func(){
		"counters": counters, "off": off, "start": start, "marking": marking,
		"ancestors": ancestors, "minutes": minutes, "labels": labels, "bubble": bubble,
	}
	run, ok := modes[firstArgument()]
	if !ok {
		println("counters: unknown mode")
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
	start, word := 0, 0
	for i := 0; i < n; i++ {
		if buf[i] == 0 {
			if word == 1 {
				return string(buf[start:i])
			}
			start, word = i+1, word+1
		}
	}
	return ""
}
