package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that was started for a measurement.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string // file with what it printed
	done chan struct{}
}

// start runs a program with its output in a file of the folder.
func start(folder, name, binary string, attributes *syscall.SysProcAttr, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(folder, name+".log"), done: make(chan struct{})}
	out, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p.cmd = exec.Command(binary, args...) // it outlives the context, so that it can be stopped in order
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = out, out, attributes
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// await polls until the server answers.
func (p *process) await(ctx context.Context, answers func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		err := answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended:\n%s", p.name, p.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w\n%s", p.name, err, p.lastWords())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the server as an operator does.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

func (p *process) lastWords() string {
	text, _ := os.ReadFile(p.log)
	return string(text[max(0, len(text)-2000):])
}

// clockTick is the unit of CPU times in /proc, the same on every Linux.
const clockTick = 10 * time.Millisecond

// cpu is what the process, and those that it started, have used.
func (p *process) cpu() (time.Duration, error) {
	pids, err := family(p.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	var ticks int64
	for _, pid := range pids {
		stat, err := procStat(pid)
		if err != nil {
			continue // ended meanwhile; its parent has its time
		}
		for _, field := range stat[11:15] { // utime, stime, and those of ended children
			n, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, err
			}
			ticks += n
		}
	}
	return time.Duration(ticks) * clockTick, nil
}

// family is a process and its children.
func family(root int) ([]int, error) {
	if _, err := procStat(root); err != nil {
		return nil, err
	}
	pids := []int{root}
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	for _, folder := range all {
		pid, _ := strconv.Atoi(filepath.Base(folder))
		if stat, err := procStat(pid); err == nil && stat[1] == strconv.Itoa(root) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// procStat returns the fields of /proc/PID/stat after the name, from the state on.
func procStat(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 15 {
		return nil, fmt.Errorf("/proc/%d/stat is not what Linux writes", pid)
	}
	return fields, nil
}

// peakMemory is the most memory that was resident, in bytes.
func (p *process) peakMemory() (int64, error) {
	pids, err := family(p.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kb), " kB"), 10, 64)
				if err != nil {
					return 0, err
				}
				total += n << 10
			}
		}
	}
	return total, nil
}

// find returns the path of a program: in $PITCREW_TOOLS, PATH, or where Debian
// puts servers.
func find(name string) (string, error) {
	places := []string{filepath.Join(os.Getenv("PITCREW_TOOLS"), name), name, filepath.Join("/usr/sbin", name)}
	versions, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	for _, place := range append(places, versions...) {
		if path, err := exec.LookPath(place); err == nil && (filepath.IsAbs(path) || place == name) {
			return path, nil
		}
	}
	return "", errors.New(name + " is not installed: see --help")
}
