module example.com/fixturecgo

go 1.19
