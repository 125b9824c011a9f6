package ccode

import "C"

var notes uint

//export parityNote
func parityNote(sum C.uint) C.uint {
	notes++
	return sum | 1
}
