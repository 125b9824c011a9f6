package main

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"debug/plan9obj"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

type region struct {
	address uint64
	bytes   []byte
}

// An image is an executable as it lies in memory.
type image struct {
	regions   []region
	relocated map[uint64]uint64 // values that the loader writes, by their address
	wasm      bool
}

func open(path string) (*image, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(content) < 64 {
		return nil, errors.New("too short")
	}
	reader := bytes.NewReader(content)
	out := &image{relocated: map[uint64]uint64{}}
	add := func(address uint64, at, length uint64) {
		if at < uint64(len(content)) && length > 0 {
			end := min(at+length, uint64(len(content)))
			out.regions = append(out.regions, region{address, content[at:end]})
		}
	}
	switch {
	case bytes.HasPrefix(content, []byte("\x7fELF")):
		file, err := elf.NewFile(reader)
		if err != nil {
			return nil, err
		}
		for _, p := range file.Progs {
			if p.Type == elf.PT_LOAD {
				add(p.Vaddr, p.Off, p.Filesz)
			}
		}
		relocate(file, out)
	case bytes.HasPrefix(content, []byte("MZ")):
		file, err := pe.NewFile(reader)
		if err != nil {
			return nil, err
		}
		base := uint64(0)
		switch header := file.OptionalHeader.(type) {
		case *pe.OptionalHeader32:
			base = uint64(header.ImageBase)
		case *pe.OptionalHeader64:
			base = header.ImageBase
		}
		for _, s := range file.Sections {
			add(base+uint64(s.VirtualAddress), uint64(s.Offset), uint64(s.Size))
		}
	case bytes.HasPrefix(content, []byte("\x00asm")):
		out.wasm = true
		return out, wasmData(content, out)
	case binary.BigEndian.Uint16(content) == 0x01f7: // XCOFF64
		at := 24 + int(binary.BigEndian.Uint16(content[16:]))
		for range make([]struct{}, binary.BigEndian.Uint16(content[2:])) {
			header := content[at:]
			word := func(at int) uint64 { return binary.BigEndian.Uint64(header[at:]) }
			add(word(16), word(32), word(24))
			at += 72
		}
	default:
		if file, err := macho.NewFile(reader); err == nil {
			for _, load := range file.Loads {
				if s, ok := load.(*macho.Segment); ok {
					add(s.Addr, s.Offset, s.Filesz)
				}
			}
			return out, nil
		}
		file, err := plan9obj.NewFile(reader)
		if err != nil {
			return nil, errors.New("no format that this program knows")
		}
		plan9Segments(file, add)
	}
	return out, nil
}

// plan9Segments maps text behind the header, and data at the next page
// (cmd/link/internal/ld/data.go address: plan9 rounds up to INITRND).
func plan9Segments(file *plan9obj.File, add func(address, at, length uint64)) {
	page := uint64(0x1000)
	if file.PtrSize == 8 {
		page = 0x200000
	}
	text, data := file.Section("text"), file.Section("data")
	start := page + uint64(file.HdrSize)
	add(start, uint64(text.Offset), uint64(text.Size))
	next := start + uint64(text.Size)
	add((next+page-1)/page*page, uint64(data.Offset), uint64(data.Size))
}

var relative = map[elf.Machine]uint32{
	elf.EM_X86_64: 8, elf.EM_386: 8, elf.EM_ARM: 23, elf.EM_AARCH64: 1027, elf.EM_PPC64: 22,
	elf.EM_S390: 12, elf.EM_RISCV: 3, elf.EM_LOONGARCH: 3,
}

// relocate collects relative relocations with addends; those without (386, arm)
// leave the value in place. Others, as plugins have for their own symbols, go by
// the dynamic symbol.
func relocate(file *elf.File, out *image) {
	symbols, _ := file.DynamicSymbols()
	for _, section := range file.Sections {
		if section.Type != elf.SHT_RELA || section.Flags&elf.SHF_ALLOC == 0 || file.Class != elf.ELFCLASS64 {
			continue
		}
		content, err := section.Data()
		if err != nil {
			continue
		}
		for at := 0; at+24 <= len(content); at += 24 {
			word := func(at int) uint64 { return file.ByteOrder.Uint64(content[at:]) }
			address, info, addend := word(at), word(at+8), word(at+16)
			if uint32(info) == relative[file.Machine] {
				out.relocated[address] = addend
			} else if index := int(info >> 32); index > 0 && index <= len(symbols) && symbols[index-1].Value != 0 {
				out.relocated[address] = symbols[index-1].Value + addend
			}
		}
	}
}

// wasmData lays the active data segments of a module into one memory: the linker
// leaves long runs of zeros out, also in the middle of a table.
func wasmData(content []byte, out *image) error {
	at := 8
	number := func() uint64 {
		value, n := binary.Uvarint(content[at:])
		at += max(n, 1)
		return value
	}
	var memory []byte
	for at < len(content) {
		kind := content[at]
		at++
		size := int(number())
		end := at + size
		if kind != 11 {
			at = end
			continue
		}
		for count := number(); count > 0; count-- {
			if flags := number(); flags != 0 || content[at] != 0x41 {
				return fmt.Errorf("a data segment of kind %d", flags)
			}
			at++
			address := int(number()) // of a signed number, but never negative here
			at++                     // end of the expression
			length := int(number())
			if address+length > 1<<28 {
				return errors.New("more than 256 MB of data")
			}
			memory = append(memory, make([]byte, max(address+length-len(memory), 0))...)
			copy(memory[address:], content[at:at+length])
			at += length
		}
	}
	out.regions = []region{{0, memory}}
	return nil
}
