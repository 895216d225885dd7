module errant

go 1.22
