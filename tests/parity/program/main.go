// Command parity is a program whose code is hard to symbolize: inlined calls
// several levels deep, generic functions and methods, closures, method values,
// deferred calls, range over functions. With the argument "walk" it says of its
// own text what the runtime of Go thinks stands there.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
)

type shape interface {
	area() int
	name() string
}

type square struct{ side int }

func (s square) area() int    { return multiply(s.side, s.side) }
func (s square) name() string { return "square" }

type framed struct {
	*square
	border int
}

func (f framed) area() int     { return f.square.area() - f.inner().area() }
func (f framed) inner() square { return square{least(f.side, f.side-multiply(2, f.border))} }

func multiply(a, b int) int {
	if a == 0 || b == 0 {
		return 0
	}
	return a * b
}

func least(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func clamp(n, low, high int) int { return least(most(n, low), high) }

func most(a, b int) int { return -least(-a, -b) }

type number interface{ ~int | ~int64 | ~float64 }

type list[T any] struct {
	items []T
	mutex sync.Mutex
}

func (l *list[T]) push(item T) *list[T] {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.items = append(l.items, item)
	return l
}

func (l *list[T]) last() (item T, err error) {
	if l.empty() {
		return item, errors.New("empty")
	}
	return l.items[len(l.items)-1], nil
}

func (l *list[T]) empty() bool { return l.size() == 0 }
func (l *list[T]) size() int   { return len(l.items) }

func sum[T number](items ...T) (total T) {
	for _, item := range items {
		total = add(total, item)
	}
	return total
}

func add[T number](a, b T) T { return a + b }

//go:noinline
func fold[T, A any](items []T, start A, step func(A, T) A) A {
	for _, item := range items {
		start = step(start, item)
	}
	return start
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

//go:noinline
func pairs[M ~map[K]V, K comparable, V any](m M, less func(a, b K) bool) []pair[K, V] {
	out := &list[pair[K, V]]{}
	for key, value := range m {
		out.push(pair[K, V]{key, value})
	}
	sort.Slice(out.items, func(i, j int) bool { return less(out.items[i].key, out.items[j].key) })
	return out.items
}

//go:noinline
func guarded(f func() int) (n int, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			n, err = clamp(-1, -2, 0), fmt.Errorf("recovered: %v", reason)
		}
	}()
	defer func(label string) { n = most(n, len(label)) }("x")
	return f(), nil
}

//go:noinline
func counter(limit int) func() int {
	n := 0
	return func() int {
		n = clamp(n+1, 0, limit)
		return n
	}
}

//go:noinline
func concurrent(jobs []func() int) []int {
	results := make([]int, len(jobs))
	var group sync.WaitGroup
	for i, job := range jobs {
		group.Add(1)
		go func(i int, job func() int) {
			defer group.Done()
			results[i] = job()
		}(i, job)
	}
	group.Wait()
	return results
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "walk" {
		if err := walk(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	exercise()
}

//go:noinline
func exercise() {
	shapes := []shape{square{3}, framed{&square{5}, 1}, &square{7}}
	total := fold(shapes, 0, func(sum int, s shape) int { return sum + s.area() })
	area := shapes[1].area // a method value
	next := counter(3)
	fmt.Println(total, area(), concurrent([]func() int{next, area, square{4}.area}), sum(1, 2, 3), sum(1.5, 2.5))
	words := map[string]int{}
	for _, word := range strings.Fields("north east south west east") {
		words[word]++
	}
	for _, p := range pairs(words, func(a, b string) bool { return a < b }) {
		text, _ := json.Marshal(map[string]any{p.key: p.value})
		fmt.Printf("%s\n", text)
	}
	numbers := &list[int]{}
	_, err := numbers.last()
	fmt.Println(guarded(func() int { return numbers.items[7] }))
	fmt.Println(err, numbers.push(4).push(5).size(), ranged(numbers.items))
	fromC()
}
