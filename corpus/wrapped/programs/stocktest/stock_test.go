// Package stock fails in the ways of go test: WHAT=panic|timeout|parallel|goroutine.
package stock

import (
	"fmt"
	"os"
	"testing"
	"time"
)

type item struct{ left *int }

//go:noinline
func (i *item) take(n int) { *i.left -= n }

func TestFirst(t *testing.T) { t.Log("counted 3 items") }

func TestTake(t *testing.T) {
	fmt.Print("no newline yet... ")
	switch os.Getenv("WHAT") {
	case "panic":
		t.Run("empty", func(t *testing.T) { (&item{}).take(2) })
	case "timeout":
		time.Sleep(time.Minute)
	case "goroutine":
		go (&item{}).take(1)
		time.Sleep(time.Second)
	case "parallel":
		for _, n := range []string{"a", "b", "c"} {
			n := n
			t.Run(n, func(t *testing.T) {
				t.Parallel()
				for i := 0; i < 3; i++ {
					t.Log(n, "step", i)
					time.Sleep(time.Millisecond)
				}
				if n == "b" {
					(&item{}).take(2)
				}
				time.Sleep(20 * time.Millisecond)
			})
		}
	}
}
