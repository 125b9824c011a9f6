//go:build cgo

package main

import (
	"fmt"

	"example.com/parity/ccode"
)

func fromC() { fmt.Println(ccode.Checksum([]byte("panicmap"))) }
