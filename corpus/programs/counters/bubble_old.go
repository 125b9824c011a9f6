//go:build !go1.25

package main

func bubble() { panic("bubble: for Go 1.25 and later") }
