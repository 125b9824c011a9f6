package main

type order struct {
	id       int
	customer string
	total    int
}

var missing *order

//go:noinline
func (o *order) price(discount int) int {
	if discount > 100 {
		return 0
	}
	return o.total - o.total*discount/100 // crash: nil8
}

//go:noinline
func nilMethod(discount int) {
	println("checking", discount)
	println(missing.price(discount))
}

// checkStock comes after its callee, and far below the place it had before.
//
//go:noinline
func checkStock() {
	for discount := 5; discount < 50; discount += 5 {
		nilMethod(discount)
	}
}
