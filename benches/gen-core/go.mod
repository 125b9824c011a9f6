module example.org/gen-core

go 1.21
