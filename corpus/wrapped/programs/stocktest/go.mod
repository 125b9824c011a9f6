module example.com/shop/stocktest

go 1.21
