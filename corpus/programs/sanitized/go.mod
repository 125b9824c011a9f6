module example.com/sanitized

go 1.21
