// Command messages dies with the message that its first argument names, one of
// each that a program can bring about. `messages list` prints the names.
package main

import (
	"fmt"
	"os"
	"sort"
)

var modes = map[string]func(){}

func add(more map[string]func()) bool {
	for name, run := range more {
		modes[name] = run
	}
	return true
}

// What the compiler must not know in advance.
var (
	sink  any
	zero  int
	minus = -1
	many  = 1 << 60
	three = []int{1, 2, 3}
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "list" {
		var names []string
		for name := range modes {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Println(name)
		}
		return
	}
	run, ok := modes[os.Args[len(os.Args)-1]]
	if !ok {
		os.Exit(64)
	}
	run()
}
