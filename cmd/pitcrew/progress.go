package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress draws a bar on the terminal. Where there is no terminal it draws
// nothing: a log file is no place for a bar.
func progress(s *session, total int, what string) *progressbar.ProgressBar {
	out := io.Discard
	if f, ok := s.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		out = s.err
	}
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
}
