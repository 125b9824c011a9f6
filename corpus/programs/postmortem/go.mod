module example.com/postmortem

go 1.21
