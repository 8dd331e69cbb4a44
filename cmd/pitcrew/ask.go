package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ask asks a person and returns the line typed, without blanks around it. Where there
// is nobody to ask, only --yes will do.
func (s *env) ask(question string) (string, error) {
	if f, ok := s.in.(*os.File); ok && !term.IsTerminal(int(f.Fd())) {
		return "", &usageError{"nobody to ask: this needs --yes"}
	}
	fmt.Fprint(s.err, question)
	answer, err := bufio.NewReader(io.LimitReader(s.in, 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return strings.TrimSpace(answer), nil
}
