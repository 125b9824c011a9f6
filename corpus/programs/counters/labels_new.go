//go:build go1.24

package main

func labels() { panic("labels: for Go 1.23 and earlier") }
