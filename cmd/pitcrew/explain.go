package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"

	"github.com/pitcrew-telematics/pitcrew/ingest/broker"
)

// listenError says which address could not be listened on, and which flag
// chooses another.
type listenError struct {
	flag, address string
	err           error
}

func (e *listenError) Error() string {
	if errors.Is(e.err, syscall.EADDRINUSE) {
		return fmt.Sprintf("%s is taken by another program: stop it, or choose another address with %s HOST:PORT", e.address, e.flag)
	}
	return fmt.Sprintf("cannot listen on %s: %v; choose another address with %s HOST:PORT", e.address, e.err, e.flag)
}

func (e *listenError) Unwrap() error { return e.err }

// listen opens a TCP listener; a failure names the flag to change.
func listen(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &listenError{flag, address, err}
	}
	return l, nil
}

// explain adds to an error what a person can do about it, where the error does
// not say so itself.
func explain(err error) error {
	var taken *broker.AddressError
	var path *fs.PathError
	switch {
	case errors.As(err, &taken):
		return &listenError{"--mqtt", taken.Address, taken.Err}
	case errors.As(err, &path) && errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: this account may not use %s; give it the right, or choose another folder with --data", err, path.Path)
	}
	return err
}
