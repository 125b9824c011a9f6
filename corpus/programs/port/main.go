// Command port asks for the number of a service, which net leaves to
// getaddrinfo where cgo is on.
package main

import "net"

func main() {
	number, err := net.LookupPort("tcp", "http")
	println(number, err == nil)
}
