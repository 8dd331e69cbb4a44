//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package embedded

import (
	"fmt"
	"os"
	"syscall"
)

// lockFile takes the lock that keeps a second process away: what the writer
// knows of the database is kept in memory too. The lock goes with the process,
// however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, ErrInUse)
	}
	return f, nil
}
