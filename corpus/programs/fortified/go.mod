module example.com/fortified

go 1.19
