//go:build !go1.23

package main

//go:noinline
func ranged(items []int) int { return sum(items...) }
