// Command zone asks for the time zone that its argument names.
package main

import (
	"os"
	"time"
)

func main() {
	name := "Europe/Berlin"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // crash: zone
	}
	println(zone.String())
}
