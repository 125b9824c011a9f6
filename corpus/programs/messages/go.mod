module example.com/messages

go 1.19

require github.com/example/depot v1.2.0

replace github.com/example/depot v1.2.0 => ./depot
