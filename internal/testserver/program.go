package testserver

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// T is what a server needs of whoever starts it: a test (testing.TB), or the
// function of a program that runs in Run.
type T interface {
	Helper()
	// Cleanup has fn called at the end, the last one first.
	Cleanup(fn func())
	// TempDir makes a folder that is removed at the end.
	TempDir() string
	// Skipf, Fatal and Fatalf end the test or the function, from its own
	// goroutine only.
	Skipf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// Run calls fn outside of tests, and cleans up behind it. It returns what fn
// skipped or failed with, nil when it came to its end.
func Run(fn func(T)) error {
	p := &program{}
	done := make(chan struct{})
	go func() { // a goroutine of its own, so that Fatal can end it
		defer close(done)
		defer p.cleanUp()
		fn(p)
	}()
	<-done
	return p.err
}

// program is a T for programs.
type program struct {
	cleanups []func()
	err      error
}

func (p *program) Helper() {}

func (p *program) Cleanup(fn func()) { p.cleanups = append(p.cleanups, fn) }

func (p *program) cleanUp() {
	n := len(p.cleanups)
	if n == 0 {
		return
	}
	last := p.cleanups[n-1]
	p.cleanups = p.cleanups[:n-1]
	defer p.cleanUp() // the others, also when this one fails
	last()
}

func (p *program) TempDir() string {
	dir, err := os.MkdirTemp("", "pitcrew-")
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (p *program) Skipf(format string, args ...any) { p.Fatalf(format, args...) }

func (p *program) Fatalf(format string, args ...any) { p.Fatal(fmt.Sprintf(format, args...)) }

func (p *program) Fatal(args ...any) {
	if p.err == nil {
		p.err = errors.New(fmt.Sprint(args...))
	}
	runtime.Goexit()
}
