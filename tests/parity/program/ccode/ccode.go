// Package ccode has C code in it, which calls back into Go.
package ccode

/*
#include <stddef.h>

static inline unsigned mix(unsigned sum, unsigned char byte) {
	return (sum << 5) + sum + byte;
}

extern unsigned parityNote(unsigned);

static unsigned checksum(const unsigned char *bytes, size_t length) {
	unsigned sum = 5381;
	for (size_t i = 0; i < length; i++)
		sum = mix(sum, bytes[i]);
	return parityNote(sum);
}
*/
import "C"

import (
	"net"
	"unsafe"
)

// Checksum hashes bytes in C.
func Checksum(bytes []byte) uint32 {
	return uint32(C.checksum((*C.uchar)(unsafe.Pointer(&bytes[0])), C.size_t(len(bytes)))) ^ uint32(len(net.IPv4zero))
}
