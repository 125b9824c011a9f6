// Says that it runs.
package main

import (
	"fmt"
	"math"
)

func main() { fmt.Println("runs", math.Sqrt(2)) }
