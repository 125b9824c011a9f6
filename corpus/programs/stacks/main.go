// Command stacks prints stacks in every way that Go has, dying or not.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"
)

type order struct{ item, price int }

//go:noinline
func (o *order) total() int { return o.price * 3 } // crash: nil

// worker waits until the program ends.
func worker(jobs chan int) {
	for range jobs {
	}
}

func start(n int) {
	jobs := make(chan int)
	for i := 0; i < n; i++ {
		go worker(jobs)
	}
	time.Sleep(50 * time.Millisecond)
}

//go:noinline
func descend(n int) int {
	if n == 0 {
		panic("at the bottom") // crash: deep
	}
	return descend(n-1) + 1
}

// lines prints a stack as zap and pkg/errors do.
//
//go:noinline
func lines(message string) {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	fmt.Println(message)
	for {
		frame, more := frames.Next()
		fmt.Printf("%s\n\t%s:%d\n", frame.Function, frame.File, frame.Line)
		if !more {
			return
		}
	}
}

//go:noinline
func handle() { lines("ERROR	cannot handle the order") } // crash: lines

//go:noinline
func report() []byte { return debug.Stack() }

func main() {
	labels := pprof.Labels("handler", "/api/v1", "user id", "a \"b\"]: {\n")
	switch os.Args[1] {
	case "profile":
		pprof.Do(context.Background(), labels, func(context.Context) { start(3) })
		pprof.Lookup("goroutine").WriteTo(os.Stdout, 1)
	case "labels":
		pprof.Do(context.Background(), labels, func(context.Context) { start(2) })
		fmt.Println(new(order).total(), (*order)(nil).total())
	case "nil":
		var wait chan int
		go func() { fmt.Println((*order)(nil).total()) }()
		<-wait
	case "deep":
		fmt.Println(descend(200))
	case "lines":
		handle()
		fmt.Println("going on")
	case "headless":
		text := report()
		fmt.Print("stack of the request:\n", string(text[bytes.IndexByte(text, '\n')+1:]))
	case "buffer":
		start(9)
		text := make([]byte, 700)
		fmt.Print(strings.TrimRight(string(text[:runtime.Stack(text, true)]), "\n"))
	}
}
