// Command lookup looks up hosts and the user, and tells the errors as programs log them.
package main

import (
	"net"
	"os"
	"os/user"
)

func main() {
	failed := false
	for _, name := range os.Args[1:] {
		var err error
		switch name {
		case "user":
			_, err = user.Current()
		default:
			_, err = net.LookupHost(name)
		}
		if err != nil {
			println("ERROR start:", err.Error())
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
