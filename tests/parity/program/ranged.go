//go:build go1.23

package main

import (
	"iter"
	"maps"
	"slices"
)

func backward[T any](items []T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := len(items) - 1; i >= 0; i-- {
			if !yield(i, items[i]) {
				return
			}
		}
	}
}

//go:noinline
func ranged(items []int) (total int) {
	for i, item := range backward(items) {
		defer func() { total = most(total, item) }()
		for key := range maps.Keys(map[int]bool{i: true, item: false}) {
			total += multiply(key, item)
			if total > 1000 {
				return total
			}
		}
	}
	return slices.Max(slices.Sorted(slices.Values(items))) + total
}
