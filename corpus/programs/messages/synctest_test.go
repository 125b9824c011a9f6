//go:build go1.25

package main

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestDeadlock(t *testing.T) { synctest.Test(t, func(*testing.T) { <-make(chan int) }) }

func TestOutside(t *testing.T) {
	var c chan int
	synctest.Test(t, func(*testing.T) { c = make(chan int, 1) })
	c <- 1
}

func TestTimer(t *testing.T) {
	var timer *time.Timer
	synctest.Test(t, func(*testing.T) { timer = time.NewTimer(time.Hour) })
	timer.Stop()
}

func TestNested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { synctest.Test(t, func(*testing.T) {}) })
}

func TestWaitOutside(t *testing.T) { synctest.Wait() }

func TestGroups(t *testing.T) {
	var wg sync.WaitGroup
	wg.Add(1)
	synctest.Test(t, func(*testing.T) { wg.Add(1) })
}

func TestParallelTwice(t *testing.T) { t.Parallel(); t.Parallel() }

func TestTooLong(t *testing.T) { time.Sleep(time.Hour) }
