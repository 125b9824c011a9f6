package main

type badRequest struct {
	field string
	cause error
}

func (e *badRequest) Error() string {
	if e.cause != nil {
		return "bad request: " + e.field + ": " + e.cause.Error()
	}
	return "bad request: " + e.field
}

//go:noinline
func must(err error) {
	if err != nil {
		panic(err) // crash: error
	}
}

func customError() {
	must(&badRequest{"amount", &badRequest{field: "not a number"}})
}

//go:noinline
func multiLine() {
	panic("cannot load configuration\nline 3: unknown key \"prot\"\n\ngoroutine 7 [running]:\nis part of the message") // crash: multiline
}

type point struct{ x, y int }

//go:noinline
func structValue() {
	panic(point{1, 2}) // crash: struct
}

//go:noinline
func intValue() {
	panic(42) // crash: int
}

type state string

//go:noinline
func typedString() {
	panic(state("half open")) // crash: typed-string
}

//go:noinline
func release() {
	panic("release: lock is not held") // crash: defer
}

//go:noinline
func acquire() {
	defer release()
	panic("acquire: timed out") // first: defer
}

func panicInDefer() { acquire() }

//go:noinline
func guarded(f func()) {
	defer func() {
		if r := recover(); r != nil {
			println("cleaning up")
			panic(r) // crash: repanic
		}
	}()
	f()
}

func repanic() {
	guarded(func() {
		println(pick(nil, zero+1)) // first: repanic
	})
}

//go:noinline
func translated(f func()) {
	defer func() {
		if r := recover(); r != nil {
			panic(&badRequest{"order", r.(error)}) // crash: repanic-new
		}
	}()
	f()
}

func repanicNew() {
	translated(func() { println(share(1, zero)) })
}
