package main

import (
	"debug/gosym"
	"encoding/binary"
	"errors"
)

// A table is a pclntab and what its readers need besides.
type table struct {
	address uint64
	bytes   []byte
	order   binary.ByteOrder
	word    int
	quantum int
	modern  bool // offsets from the text base (Go 1.18 and later)
	// Entries count from here: word 22 of the moduledata since Go 1.16.
	text uint64
}

// The first word of a pclntab, by Go version: 1.2, 1.16, 1.18, 1.20.
var magics = []uint32{0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1}

// find takes the first table that debug/gosym can read and, where entries are
// offsets, a moduledata points at.
func find(image *image) (*table, error) {
	problem := errors.New("no pclntab")
	for _, region := range image.regions {
		for at := 0; at+16 <= len(region.bytes); at += 4 {
			t := header(region.bytes[at:])
			if t == nil {
				continue
			}
			t.address = region.address + uint64(at)
			lines, err := gosym.NewTable(nil, gosym.NewLineTable(t.bytes, 0))
			if err != nil || len(lines.Funcs) < 50 {
				continue
			}
			if t.modern && !t.findText(image) {
				problem = errors.New("a pclntab, but no moduledata that points at it")
				continue
			}
			return t, nil
		}
	}
	return nil, problem
}

func header(bytes []byte) *table {
	if bytes[4] != 0 || bytes[5] != 0 || (bytes[6] != 1 && bytes[6] != 2 && bytes[6] != 4) ||
		(bytes[7] != 4 && bytes[7] != 8) {
		return nil
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for i, magic := range magics {
			if order.Uint32(bytes) == magic {
				return &table{bytes: bytes, order: order, word: int(bytes[7]), quantum: int(bytes[6]), modern: i >= 2}
			}
		}
	}
	return nil
}

func (t *table) read(bytes []byte) uint64 {
	if t.word == 4 {
		return uint64(t.order.Uint32(bytes))
	}
	return t.order.Uint64(bytes)
}

func (t *table) functions() uint64 { return t.read(t.bytes[8:]) }

func (t *table) findText(image *image) bool {
	for _, region := range image.regions {
		at := int(-region.address & uint64(t.word-1))
		for ; at+23*t.word <= len(region.bytes); at += t.word {
			value := func(word int) uint64 {
				if moved, ok := image.relocated[region.address+uint64(at+word*t.word)]; ok {
					return moved
				}
				return t.read(region.bytes[at+word*t.word:])
			}
			if value(0) == t.address && value(17) == t.functions()+1 && value(18) == value(17) {
				t.text = value(22)
				return true
			}
		}
	}
	return false
}

// codeShift is 16 where the table of a wasm module counts functions (Go 1.25 and
// later) instead of giving their addresses, which end in the number of a block.
func (t *table) codeShift() uint {
	base := int(t.read(t.bytes[8+7*t.word:]))
	for i := 0; i < int(t.functions()); i++ {
		if t.order.Uint32(t.bytes[base+8*i:])&0xffff != 0 {
			return 16
		}
	}
	return 0
}
