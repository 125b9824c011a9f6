module example.com/plughost

go 1.19
