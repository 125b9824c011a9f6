// Command oracle says what the standard library's debug/gosym reads in the
// pclntab of an executable: for each function its entry, name and file:line, and
// the same for a sample of the addresses where the line changes.
//
// debug/gosym takes the table and the text base as given. `go tool addr2line`
// finds them by symbol and section, which fails on many stripped executables; this
// program searches the bytes for them instead.
package main

import (
	"bufio"
	"debug/gosym"
	"flag"
	"fmt"
	"os"
	"sort"
)

func main() {
	sample := flag.Int("sample", 2000, "addresses inside of functions, about")
	text := flag.Uint64("text", 0, "text base, instead of the one in the moduledata")
	flag.Parse()
	if err := run(flag.Arg(0), *sample, *text); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func run(path string, sample int, text uint64) error {
	image, err := open(path)
	if err != nil {
		return err
	}
	found, err := find(image)
	if err != nil {
		return err
	}
	if text != 0 {
		found.text = text
	}
	lines := gosym.NewLineTable(found.bytes, found.text)
	table, err := gosym.NewTable(nil, lines)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	defer out.Flush()
	fmt.Fprintf(out, "text\t%#x\n", found.text)
	fmt.Fprintf(out, "pclntab\t%#x\n", found.address)
	fmt.Fprintf(out, "functions\t%d\n", len(table.Funcs))
	shift := uint(0)
	if image.wasm && found.modern {
		shift = found.codeShift()
	}
	for i := range table.Funcs {
		entry := table.Funcs[i].Entry
		fmt.Fprintf(out, "entry\t%#x\t%s\n", entry<<shift, answer(table, entry))
	}
	if shift > 0 {
		// debug/gosym takes the number of a function for its address, so that
		// the addresses inside run into those of its neighbours.
		return nil
	}
	for _, pc := range boundaries(table, uint64(found.quantum), sample) {
		fmt.Fprintf(out, "inside\t%#x\t%s\n", pc, answer(table, pc))
	}
	return nil
}

func answer(table *gosym.Table, pc uint64) string {
	file, line, f := table.PCToLine(pc)
	if f == nil {
		return "?\t?:0"
	}
	return fmt.Sprintf("%s\t%s:%d", f.Name, file, line)
}

// boundaries are addresses at which the line changes and the last before each, in
// functions spread over the whole text.
func boundaries(table *gosym.Table, quantum uint64, sample int) []uint64 {
	order := make([]int, len(table.Funcs))
	state := uint32(0x9E3779B9)
	for i := range order {
		order[i] = i
		state = state*1664525 + 1013904223
		j := int(state>>8) % (i + 1)
		order[i], order[j] = order[j], order[i]
	}
	var out []uint64
	for _, index := range order {
		f := &table.Funcs[index]
		if len(out) >= sample {
			break
		}
		end := f.End
		if end > f.Entry+8192 {
			end = f.Entry + 8192
		}
		file, line := "", -2
		for pc := f.Entry; pc < end; pc += quantum {
			nowFile, nowLine, _ := table.PCToLine(pc)
			if nowLine == line && nowFile == file {
				continue
			}
			if pc > f.Entry {
				out = append(out, pc-quantum, pc)
			}
			file, line = nowFile, nowLine
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}
