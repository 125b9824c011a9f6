// Command racy is for the race detector: it counts without a lock.
package main

type tally struct{ count int }

//go:noinline
func (t *tally) add(n int) {
	t.count += n // crash: race
}

func main() {
	t, done := new(tally), make(chan bool)
	go func() {
		t.add(1)
		done <- true
	}()
	t.add(2)
	<-done
	println("counted", t.count)
}
