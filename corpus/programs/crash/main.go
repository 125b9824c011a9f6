// Command crash dies in the way named by its first argument.
//
// It imports neither os nor fmt, so that stripped binaries stay small.
package main

import "syscall"

var modes = map[string]func(){
	// memory.go
	"nil": nilField, "nil8": nilMethod, "nilfunc": nilFunc, "nilmap": nilMap,
	"index": indexOutOfRange, "slice": sliceBounds, "divide": divide,
	"assert": assertType, "assert-iface": assertInterface, "overflow": overflow,
	"generic": genericPanic, "atomic64": unalignedAtomic,
	// values.go
	"error": customError, "multiline": multiLine, "struct": structValue, "int": intValue,
	"typed-string": typedString, "defer": panicInDefer, "repanic": repanic, "repanic-new": repanicNew,
	// concurrency.go
	"deadlock": deadlockChan, "deadlock-mutex": deadlockMutex, "deadlock-wg": deadlockWaitGroup,
	"mapwrites": concurrentMapWrites, "close-closed": closeClosed, "send-closed": sendOnClosed,
	"unlock": unlockUnlocked, "workers": workers, "closure": closureInGoroutine, "serve": serve,
	// limits.go
	"oom": outOfMemory, "threads": manyThreads,
}

func main() {
	run, ok := modes[firstArgument()]
	if !ok {
		println("crash: unknown mode")
		syscall.Exit(64)
	}
	run()
}

// firstArgument reads argv[1] from /proc.
func firstArgument() string {
	fd, err := syscall.Open("/proc/self/cmdline", syscall.O_RDONLY, 0)
	if err != nil {
		return ""
	}
	defer syscall.Close(fd)
	buf := make([]byte, 4096)
	n, _ := syscall.Read(fd, buf)
	var words []string
	for start, i := 0, 0; i < n; i++ {
		if buf[i] == 0 {
			words = append(words, string(buf[start:i]))
			start = i + 1
		}
	}
	if len(words) < 2 {
		return ""
	}
	return words[1]
}
