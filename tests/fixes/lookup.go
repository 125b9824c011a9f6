// Uses net and os/user, the packages of the standard library that call C.
package main

import (
	"fmt"
	"net"
	"os/user"
)

func main() {
	_, err := user.LookupId("4242")
	_, lost := net.LookupHost("localhost.invalid")
	fmt.Println("runs", err != nil, lost != nil)
}
