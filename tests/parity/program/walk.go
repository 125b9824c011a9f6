package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"unsafe"
)

// The first words of the runtime's moduledata, of which those used here have
// stood at one place since Go 1.18: ftab at 16, text at 22.
//
//go:linkname firstmoduledata runtime.firstmoduledata
var firstmoduledata [24]uintptr

// Go 1.19 links no type that only a variable of the runtime has.
var moduledata [24]uintptr

// Defined in runtime/symtab.go: the calls inlined at the last pc of a stack.
//
//go:linkname expandFinalInlineFrame runtime/pprof.runtime_expandFinalInlineFrame
func expandFinalInlineFrame(stack []uintptr) []uintptr

type entry struct{ text, data uint32 }

// walk prints, for one in N functions, all addresses where the answer of the
// runtime changes, and the last before the change: the distance from
// runtime.text, then function and file:line of each frame, innermost first.
func walk(args []string) error {
	every := 1
	if len(args) > 0 {
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 1 {
			return fmt.Errorf("walk: expected a number of functions, not %q", args[0])
		}
		every = n
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	moduledata = firstmoduledata
	text := moduledata[22]
	ftab := unsafe.Slice((*entry)(unsafe.Pointer(moduledata[16])), moduledata[17])
	step, shift := quantum(), codeShift(ftab)
	for i := 0; i+1 < len(ftab); i++ {
		from, to := uintptr(ftab[i].text)<<shift, uintptr(ftab[i+1].text)<<shift
		own := runtime.FuncForPC(text + from)
		if i%every != 0 && (own == nil || len(own.Name()) < 5 || own.Name()[:5] != "main.") {
			continue
		}
		if shift > 0 || runtime.GOARCH == "wasm" {
			// A wasm function is as long as it has blocks, of which few have 4096.
			to = min2(to, from+4096)
		}
		before, beforeAt := "", from
		for at := from; at < to; at += step {
			now := describe(text + at)
			if now == before {
				beforeAt = at
				continue
			}
			if before != "" && beforeAt != 0 {
				fmt.Fprintf(out, "%#x%s\n", beforeAt, before)
			}
			fmt.Fprintf(out, "%#x%s\n", at, now)
			before, beforeAt = now, 0
		}
	}
	return out.Flush()
}

func min2(a, b uintptr) uintptr {
	if a < b {
		return a
	}
	return b
}

func describe(pc uintptr) string {
	// Callers and its kin hold return addresses, one behind the call.
	frames := runtime.CallersFrames(expandFinalInlineFrame([]uintptr{pc + 1}))
	line := ""
	for {
		frame, more := frames.Next()
		if frame.PC == 0 && frame.Func == nil && frame.Function == "" && frame.Line == 0 {
			break
		}
		line += "\t" + frame.Function + "\t" + frame.File + ":" + strconv.Itoa(frame.Line)
		if !more {
			break
		}
	}
	return line
}

// quantum is the distance of instructions (minLC of the pclntab).
func quantum() uintptr {
	switch runtime.GOARCH {
	case "386", "amd64", "wasm":
		return 1
	case "s390x":
		return 2
	case "riscv64":
		return 2
	}
	return 4
}

// codeShift is 16 where the table counts functions of wasm instead of addresses
// (Go 1.25 and later): the address has the number of a block in its low half.
func codeShift(ftab []entry) uint {
	if runtime.GOARCH != "wasm" {
		return 0
	}
	for _, e := range ftab[:len(ftab)-1] {
		if e.text&0xffff != 0 {
			return 16
		}
	}
	return 0
}
