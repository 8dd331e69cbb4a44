package console

//go:generate templ generate -path .
