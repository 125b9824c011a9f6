// Command deferred dies, or nearly dies, in deferred calls.
package main

import (
	"os"
	"runtime"
)

type conn struct {
	fd   int
	name string
}

//go:noinline
func (c *conn) read() int { return c.fd } // crash: the first fault

//go:noinline
func (c *conn) flush() { println(len(c.name)) } // crash: the second fault

// secondFault is the everyday `c := open(); defer c.Close(); use(c)` with a nil c.
//
//go:noinline
func secondFault(c *conn) {
	defer c.flush()
	println(c.read())
}

// logged recovers a panic and writes what loggers write: the value and the stack.
//
//go:noinline
func logged(items map[string]int) {
	defer func() {
		if r := recover(); r != nil {
			stack := make([]byte, 4096)
			stack = stack[:runtime.Stack(stack, false)]
			os.Stderr.WriteString("worker: panic: " + r.(error).Error() + "\n" + string(stack))
			os.Stderr.WriteString("worker: went on\n")
		}
	}()
	items["x"] = 1 // crash: logged
}

// even and odd recur, one of them inlined into the other.
func even(n int) bool {
	var a [40]int
	a[n&7] = n
	return odd(n+1) && a[1] == 0
}

func odd(n int) bool { return !even(n + 1) }

func main() {
	switch os.Args[1] {
	case "second-fault":
		secondFault(nil)
	case "logged":
		logged(nil)
	case "recursion":
		println(even(0))
	}
}
