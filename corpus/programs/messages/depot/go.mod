module github.com/example/depot

go 1.19
