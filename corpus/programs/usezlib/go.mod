module example.com/usezlib

go 1.19
