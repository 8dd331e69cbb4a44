package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/pitcrew-telematics/pitcrew/simulator"
)

// progress draws a bar on the terminal. Where there is no terminal it draws
// nothing: a log file is no place for a bar.
func progress(s *env, total int, what string) *progressbar.ProgressBar {
	out := io.Discard
	if f, ok := s.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		out = s.err
	}
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(),
		// No ticker: it reads, without a lock, what the first drawing writes.
		progressbar.OptionSetSpinnerChangeInterval(0))
}

// uploaded draws the upload of a fleet's stored history, and says when it is done
// and what happens then.
func uploaded(s *env, then string) func(simulator.Progress) {
	bar := progress(s, 1, "uploading stored history")
	started, done := time.Now(), false
	return func(p simulator.Progress) {
		if done {
			return
		}
		bar.ChangeMax(max(p.TotalDays, 1))
		_ = bar.Set(p.Days) // only a terminal can fail here
		if !p.Done() {
			return
		}
		done = true
		_ = bar.Finish()
		what := "nothing was waiting to be uploaded"
		if p.TotalDays > 0 {
			what = fmt.Sprintf("%d vehicle-days uploaded in %s", p.TotalDays, time.Since(started).Round(100*time.Millisecond))
		}
		fmt.Fprintf(s.out, "%s%s\n", what, then)
	}
}
