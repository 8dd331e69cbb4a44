package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// disk is the file system of the embedded stores, which can be filled: a tmpfs of
// its own where this process may mount one. Elsewhere the files of pitcrew are
// kept from growing, which its stores meet as another error of writing.
type disk struct {
	folder string // mounted; empty: files are kept from growing
	name   string
}

// diskMB is the size of the file system.
const diskMB = 24

func newDisk(t testserver.T, folder string) *disk {
	t.Helper()
	err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%dm", diskMB))
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		return &disk{name: ", files that cannot grow"}
	}
	if err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return &disk{folder: folder, name: fmt.Sprintf(", tmpfs of %d MB", diskMB)}
}

func (d *disk) String() string { return d.name }

func (d *disk) ballast() string { return filepath.Join(d.folder, "ballast") }

// fill leaves no room at all.
func (d *disk) fill(s *stage) error {
	if d.folder == "" {
		return limitFiles(s, "0")
	}
	f, err := os.Create(d.ballast())
	if err != nil {
		return err
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				return err
			}
			size /= 2
		}
	}
	return nil
}

// free makes room again.
func (d *disk) free(s *stage) error {
	if d.folder == "" {
		return limitFiles(s, "unlimited")
	}
	return os.Remove(d.ballast())
}

// limitFiles sets how large a file of pitcrew may become, with util-linux.
func limitFiles(s *stage, size string) error {
	out, err := exec.Command("prlimit", "--pid", strconv.Itoa(s.cmd.Process.Pid), "--fsize="+size+":").CombinedOutput()
	if err != nil {
		return fmt.Errorf("prlimit: %w: %s", err, out)
	}
	return nil
}
