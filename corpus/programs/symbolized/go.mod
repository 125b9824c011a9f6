module example.com/symbolized

go 1.21
