// Package depot stands for a module that somebody else wrote.
package depot

type Shelf struct {
	Label string
	Items []int
}

//go:noinline
func (s *Shelf) Take(i int) int { return pick(s.Items, i) }

//go:noinline
func pick(items []int, i int) int { return items[i] }

//go:noinline
func MustOpen(name string) *Shelf {
	if name == "" {
		panic("depot: empty name")
	}
	return &Shelf{Label: name}
}

// Each calls back into the user's code.
//
//go:noinline
func (s *Shelf) Each(f func(int)) {
	for _, item := range s.Items {
		f(item)
	}
}
