// Command whoami asks who runs it, which os/user leaves to the C library where
// cgo is on, but for -tags osusergo.
package main

import "os/user"

func main() {
	current, err := user.Current()
	println(err == nil && current != nil)
}
