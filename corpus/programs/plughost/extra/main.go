// Package main is the plugin.
package main

// Name is what the host looks up.
var Name = "extra"

func main() {}
