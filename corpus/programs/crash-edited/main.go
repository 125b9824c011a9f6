// Command crash is a later edition of ../crash: logs of it look alike, but they
// do not belong to the same executable.
package main

func main() { checkStock() }
