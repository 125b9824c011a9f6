// Command plughost opens the plugin that it is given.
package main

import (
	"os"
	"plugin"
)

func main() {
	opened, err := plugin.Open(os.Args[1])
	if err != nil && os.Getenv("PANIC") != "" {
		panic(err) // crash: open
	}
	if err != nil {
		println("ERROR plugin:", err.Error())
		os.Exit(1)
	}
	if _, err := opened.Lookup("Name"); err != nil {
		panic(err)
	}
	println("opened")
}
