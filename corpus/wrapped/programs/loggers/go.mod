module example.com/shop/loggers

go 1.21
