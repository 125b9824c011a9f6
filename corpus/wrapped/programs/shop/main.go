// Command shop crashes on demand: shop MODE. Its logs, in every wrapping,
// are the test data of src/envelope.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Order is what the shop sells; Price is nil for the broken one.
type Order struct {
	ID    string
	Price *Price
}

// Price of one order in cents.
type Price struct{ cents int64 }

// Cents dereferences a nil receiver in the broken order.
//
//go:noinline
func (p *Price) Cents(times int) int64 { return p.cents * int64(times) }

//go:noinline
func each[K comparable, V any](in map[K]V, f func(K, V) int64) (sum int64) {
	for k, v := range in {
		sum += f(k, v)
	}
	return sum
}

//go:noinline
func total(orders map[string]*Order) int64 {
	return each(orders, func(_ string, o *Order) int64 { return o.Price.Cents(2) })
}

func inGoroutine(f func()) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		f()
	}()
	wg.Wait()
}

func crashNil() { inGoroutine(func() { fmt.Println(total(map[string]*Order{"A17": {ID: "A17"}})) }) }

//go:noinline
func charge(what string) { panic(what) }

func crashMulti() {
	charge("charge <A17> & \"B2\" failed:\n\tfirst: 12 € short\n  second: see <https://shop.example.com/?a=1&b=2>\n\nlast line")
}

func crashNested() {
	defer func() {
		panic(fmt.Errorf("rollback: %w", errors.New("connection is closed")))
	}()
	charge("commit failed")
}

func crashDeadlock() {
	c := make(chan int)
	var mu sync.Mutex
	mu.Lock()
	go func() { mu.Lock() }()
	<-c
}

func crashMap() {
	m := map[int]int{}
	for w := 0; w < 2; w++ {
		go func() {
			for i := 0; ; i++ {
				m[i&7] = i
			}
		}()
	}
	time.Sleep(20 * time.Second)
}

func crashLong(blocks int) func() {
	return func() { charge("invoice " + strings.Repeat("0123456789abcdef", blocks) + " end.") }
}

func crashRepeat() { charge("gave up:" + strings.Repeat("\nretry failed", 4) + "\nno more tries") }

func crashBytes() {
	charge("bad \xff\xfe bytes, \x1b[31mred\x1b[0m, bell \a")
}

func crashSteady() {
	go func() {
		for i := 0; ; i++ {
			fmt.Printf("info  served order %d in 3ms\n", i)
			time.Sleep(200 * time.Microsecond)
		}
	}()
	time.Sleep(3 * time.Millisecond)
	fmt.Fprintln(os.Stderr, "warn  price of A17 is missing")
	crashNil()
}

func waiter(c chan int, n int) {
	if n > 0 {
		waiter(c, n-1)
		return
	}
	<-c
}

func crashAll() {
	c := make(chan int)
	var mu sync.Mutex
	mu.Lock()
	for i := 0; i < 3; i++ {
		go waiter(c, i)
	}
	go func() { mu.Lock() }()
	go func() { time.Sleep(time.Hour) }()
	time.Sleep(20 * time.Millisecond)
	runtime.Gosched()
	crashNil()
}

func main() {
	modes := map[string]func(){
		"nil": crashNil, "multi": crashMulti, "nested": crashNested,
		"deadlock": crashDeadlock, "map": crashMap, "long": crashLong(2559), "long9": crashLong(575),
		"bytes": crashBytes, "steady": crashSteady, "all": crashAll, "repeat": crashRepeat,
		"empty": func() { charge("") },
	}
	if len(os.Args) != 2 || modes[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: shop nil|multi|nested|deadlock|map|long|long9|bytes|steady|all|repeat|empty")
		os.Exit(64)
	}
	modes[os.Args[1]]()
}
