// Adds to a 64-bit field that is only 4-byte aligned on 32-bit ports; with the fix the
// type of the field sees to that.
package main

import (
	"fmt"
	"sync/atomic"
)

type plain struct {
	_ uint32
	n int64
}

type aligned struct {
	_ uint32
	n atomic.Int64
}

// Set by -ldflags=-X=main.fixed=yes.
var fixed string

func main() {
	both := struct {
		plain
		aligned
	}{}
	if fixed == "" {
		atomic.AddInt64(&both.plain.n, 1)
	}
	both.aligned.n.Add(1)
	fmt.Println("runs")
}
