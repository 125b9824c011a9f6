// Command hello runs anywhere: what stops it is never its own code.
package main

func main() { println("hello") }
