// Package tested has tests that end badly.
package tested

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestHang(t *testing.T) {
	t.Run("sub", func(t *testing.T) { time.Sleep(time.Hour) }) // crash: hang
}

func TestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan int)
		go func() { never <- 1 }()
		go func() { <-make(chan int) }()
		synctest.Wait()
		select {} // crash: bubble
	})
}

func TestRace(t *testing.T) {
	var first, second int
	done := make(chan bool)
	add := func() {
		first++
		second += first
		done <- true
	}
	go add()
	go add()
	<-done
	<-done
}

func TestPanic(t *testing.T) {
	var values []int
	t.Log(values[len(values)-1]) // crash: panic
}
