package testserver

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// Postgres is a running PostgreSQL server that keeps nothing after the test.
type Postgres struct {
	t          T
	bin        string // folder of its programs
	data       string
	host, port string
	attributes *syscall.SysProcAttr
	names      atomic.Int64
	cmd        *exec.Cmd
}

// StartPostgres starts a server for the test and everything below it, and stops
// it at its end. Make databases with Create.
func StartPostgres(t T) *Postgres {
	t.Helper()
	binary, err := filepath.EvalSymlinks(Find(t, "postgres")) // its tools are beside it
	if err != nil {
		t.Fatal(err)
	}
	p := &Postgres{t: t, bin: filepath.Dir(binary)}
	if p.host, p.port, err = net.SplitHostPort(freeAddress(t)); err != nil {
		t.Fatal(err)
	}
	p.data, p.attributes = postgresFolder(t)
	initdb := exec.Command(filepath.Join(p.bin, "initdb"), "-D", p.data, "-U", "pitcrew", "-A", "trust",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = p.data, p.attributes
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	t.Cleanup(p.Stop)
	p.Start()
	return p
}

// Start starts the server, again after Stop, and waits until it answers.
func (p *Postgres) Start() {
	p.t.Helper()
	var output bytes.Buffer
	// Nothing has to survive a power cut here, and no socket is needed. A commit is
	// handed to the system before it is acknowledged, though: Stop must lose none.
	p.cmd = exec.Command(filepath.Join(p.bin, "postgres"), "-D", p.data, "-h", p.host, "-p", p.port, "-k", "",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB")
	p.cmd.Dir, p.cmd.SysProcAttr = p.data, p.attributes
	p.cmd.Stdout, p.cmd.Stderr = &output, &output
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("start postgres: %v", err)
	}
	if err := p.wait(10 * time.Second); err != nil {
		p.Stop()
		p.t.Fatalf("postgres does not answer: %v\n%s", err, &output)
	}
}

// Stop ends the server at once, with all its connections.
func (p *Postgres) Stop() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	_ = p.cmd.Wait()
	p.cmd = nil
}

// postgresFolder makes a folder for the data, and says as whom the server runs:
// it refuses to run as root.
func postgresFolder(t T) (string, *syscall.SysProcAttr) {
	t.Helper()
	data, err := os.MkdirTemp("", "pitcrew-postgres-") // its user cannot get into t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(data) })
	if os.Geteuid() != 0 {
		return data, nil
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		t.Fatalf("find the user to run postgres as: %v", err)
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(owner.Gid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(data, uid, gid); err != nil {
		t.Fatal(err)
	}
	return data, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// wait returns when the server answers queries.
func (p *Postgres) wait(limit time.Duration) error {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(limit)
	for {
		err := exec.Command(filepath.Join(p.bin, "pg_isready"), "-q", "-h", p.host, "-p", p.port).Run()
		if err == nil {
			return nil
		}
		select {
		case <-deadline:
			return err
		case <-retry.C:
		}
	}
}

// Create makes an empty database and returns its address.
func (p *Postgres) Create(t T) string {
	t.Helper()
	name := fmt.Sprintf("pitcrew%d", p.names.Add(1))
	create := exec.Command(filepath.Join(p.bin, "createdb"), "-h", p.host, "-p", p.port, "-U", "pitcrew", name)
	if out, err := create.CombinedOutput(); err != nil {
		t.Fatalf("create database: %v\n%s", err, out)
	}
	return p.URL(name)
}

// URL returns the address of a database of the server.
func (p *Postgres) URL(database string) string {
	return fmt.Sprintf("postgres://pitcrew@%s/%s", net.JoinHostPort(p.host, p.port), database)
}
