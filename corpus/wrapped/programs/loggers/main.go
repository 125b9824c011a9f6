// Command loggers recovers a panic and logs its stack by the standard
// library's loggers, or replays its stdin slowly: loggers MODE [SIZE].
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

type cart struct{ items []string }

//go:noinline
func (c *cart) item(n int) string { return c.items[n] }

//go:noinline
func first[C interface{ item(int) string }](c C) string { return c.item(3) }

func recovered(report func(v any, stack []byte)) {
	defer func() { report(recover(), debug.Stack()) }()
	fmt.Println(first(&cart{items: []string{"tea"}}))
}

func main() {
	j := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	t := slog.New(slog.NewTextHandler(os.Stderr, nil))
	log.SetOutput(os.Stderr)
	switch os.Args[1] {
	case "slog-json":
		j.Info("served", "order", 17)
		recovered(func(v any, s []byte) { j.Error("panic in handler", "err", fmt.Sprint(v), "stack", string(s)) })
		j.Info("served", "order", 18)
	case "slog-json-bytes":
		recovered(func(v any, s []byte) { j.Error("panic in handler", "err", v, "stack", s) })
	case "slog-json-double":
		recovered(func(v any, s []byte) {
			j.Error(fmt.Sprintf(`{"level":"error","stack":%q}`, s))
		})
	case "slog-text":
		t.Info("served", "order", 17)
		recovered(func(v any, s []byte) { t.Error("panic in handler", "err", v, "stack", string(s)) })
	case "log-std":
		log.Print("served order 17")
		recovered(func(v any, s []byte) { log.Printf("panic: %v\n%s", v, s) })
		log.Print("served order 18")
	case "log-q":
		recovered(func(v any, s []byte) { log.Printf("recovered %v stack=%q", v, s) })
	case "log-v":
		recovered(func(v any, s []byte) { log.Printf("recovered %v stack=%v", v, s) })
	case "print-stack":
		recovered(func(v any, s []byte) { fmt.Fprintln(os.Stderr, "recovered:", v); debug.PrintStack() })
	case "http":
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(w, first(&cart{}))
		}))
		http.Get(srv.URL)
		srv.Close()
	case "ordinary":
		for i := 0; i < 4; i++ {
			log.Printf("served order %d in 3ms", i)
			j.Warn("retrying", "goroutine", i+17, "state", "running", "source", "main.go:31")
			t.Error("handler recovered", "err", "panic: price is missing", "caller", "shop/handler.go:88")
			fmt.Fprintf(os.Stderr, "goroutine %d [spawned] for worker.go:%d\n", 17+i, 40+i)
			fmt.Fprintln(os.Stderr, "fatal error: cannot open shop.db: permission denied")
			fmt.Println("panic: not really, only the word; goroutines=12 at main.go:", i)
		}
	case "crash":
		fmt.Println(first(&cart{}))
	case "mixed":
		// An entry point that passes a child's stderr on, line by line, while
		// it prints lines of its own to stdout.
		child := exec.Command(os.Args[0], "crash")
		text := new(bytes.Buffer)
		child.Stderr = text
		child.Run()
		for i, line := range strings.SplitAfter(text.String(), "\n") {
			fmt.Printf("info  served order %d in 3ms\n", i)
			time.Sleep(time.Millisecond)
			os.Stderr.WriteString(line)
			time.Sleep(time.Millisecond)
		}
	case "replay":
		n, _ := strconv.Atoi(os.Args[2])
		data, _ := io.ReadAll(os.Stdin)
		for len(data) > 0 {
			k := min(n, len(data))
			os.Stderr.Write(data[:k])
			data = data[k:]
			time.Sleep(2 * time.Millisecond)
		}
	}
}
