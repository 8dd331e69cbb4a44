package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// mosquitto starts a broker with the settings of deploy/mosquitto that concern
// messages. Logins and TLS are left out, for us as for the peer.
func (b *bench) mosquitto(ctx context.Context, folder string) (*process, string, error) {
	shipped, err := os.ReadFile(filepath.Join(b.root, "deploy/mosquitto/mosquitto.conf"))
	if err != nil {
		return nil, "", err
	}
	address, err := testserver.FreeAddress()
	if err != nil {
		return nil, "", err
	}
	_, port, _ := net.SplitHostPort(address)
	config := fmt.Sprintf("listener %s 127.0.0.1\nallow_anonymous true\npersistence_location %s/\nlog_dest stderr\n", port, folder)
	if os.Geteuid() == 0 {
		config += "user root\n" // it would give up the right to write in our folder
	}
	for line := range strings.Lines(string(shipped)) {
		switch key, _, _ := strings.Cut(line, " "); key {
		case "max_queued_messages", "max_queued_bytes", "max_inflight_messages", "persistence", "autosave_interval", "max_packet_size":
			config += line
		}
	}
	p, err := b.server(folder, "mosquitto", "mosquitto.conf", config, "-c")
	if err != nil {
		return nil, "", err
	}
	return p, address, p.await(ctx, func(ctx context.Context) error { return accepts(ctx, address) })
}

// influxd starts InfluxDB with deploy/influxdb; the user accounts are left out.
func (b *bench) influxd(ctx context.Context, folder string) (*process, *influxDB, error) {
	shipped, err := os.ReadFile(filepath.Join(b.root, "deploy/influxdb/influxdb-1.8.conf"))
	if err != nil {
		return nil, nil, err
	}
	address, err := testserver.FreeAddress()
	if err != nil {
		return nil, nil, err
	}
	backups, err := testserver.FreeAddress()
	if err != nil {
		return nil, nil, err
	}
	config := strings.NewReplacer("/var/lib/influxdb", folder+"/influxdb", "127.0.0.1:8086", address, "127.0.0.1:8088", backups,
		"auth-enabled = true", "auth-enabled = false").Replace(string(shipped))
	p, err := b.server(folder, "influxd", "influxdb.conf", config, "-config")
	if err != nil {
		return nil, nil, err
	}
	db := &influxDB{url: "http://" + address}
	return p, db, p.await(ctx, func(ctx context.Context) error { return db.query(ctx, "CREATE DATABASE pitcrew", nil) })
}

// server writes a configuration file and starts a server with it.
func (b *bench) server(folder, name, file, config, flag string) (*process, error) {
	binary, err := find(name)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, file)
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return nil, err
	}
	return start(folder, name, binary, nil, flag, path)
}

// postgres starts a server and returns the address of an empty database.
func (b *bench) postgres(ctx context.Context, folder string) (*process, string, error) {
	initdb, err := find("initdb")
	if err != nil {
		return nil, "", err
	}
	address, err := testserver.FreeAddress()
	if err != nil {
		return nil, "", err
	}
	host, port, _ := net.SplitHostPort(address)
	data, who, err := postgresFolder(folder)
	if err != nil {
		return nil, "", err
	}
	prepare := exec.CommandContext(ctx, initdb, "-D", data, "-U", "pitcrew", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions")
	prepare.Dir, prepare.SysProcAttr = data, who
	if out, err := prepare.CombinedOutput(); err != nil {
		return nil, "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	p, err := start(folder, "postgres", filepath.Join(filepath.Dir(initdb), "postgres"), who, "-D", data, "-h", host, "-p", port, "-k", "")
	if err != nil {
		return nil, "", err
	}
	err = p.await(ctx, func(ctx context.Context) error {
		return exec.CommandContext(ctx, filepath.Join(filepath.Dir(initdb), "pg_isready"), "-q", "-h", host, "-p", port).Run()
	})
	return p, fmt.Sprintf("postgres://pitcrew@%s/postgres", address), err
}

// postgresFolder makes the folder of the data, and says as whom the server runs:
// it refuses to run as root.
func postgresFolder(folder string) (string, *syscall.SysProcAttr, error) {
	data := filepath.Join(folder, "postgres")
	if err := os.Mkdir(data, 0o700); err != nil || os.Geteuid() != 0 {
		return data, nil, err
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		return "", nil, err
	}
	uid, errUID := strconv.Atoi(owner.Uid)
	gid, errGID := strconv.Atoi(owner.Gid)
	who := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return data, who, errors.Join(errUID, errGID, os.Chown(data, uid, gid))
}

// influxDB is what is asked of InfluxDB beside the paths.
type influxDB struct{ url string }

// points is how many points were written since the server started. Asking costs it
// some 0.8 ms of CPU time.
func (db *influxDB) points(ctx context.Context) (int64, error) {
	var vars map[string]json.RawMessage
	if err := getJSON(ctx, db.url+"/debug/vars", &vars); err != nil {
		return 0, err
	}
	for name, raw := range vars {
		var module struct {
			Values struct{ PointsWrittenOK int64 }
		}
		if strings.HasPrefix(name, "httpd") {
			err := json.Unmarshal(raw, &module)
			return module.Values.PointsWrittenOK, err
		}
	}
	return 0, errors.New("influxd says nothing about its points")
}

// count counts the different points that have a field.
func (db *influxDB) count(ctx context.Context, measurement, field string) (int64, error) {
	var answer struct {
		Results []struct {
			Series []struct{ Values [][]int64 }
		}
	}
	err := db.query(ctx, fmt.Sprintf(`SELECT count(%q) FROM %q`, field, measurement), &answer)
	if err != nil || len(answer.Results) == 0 || len(answer.Results[0].Series) == 0 {
		return 0, err
	}
	return answer.Results[0].Series[0].Values[0][1], nil
}

func (db *influxDB) query(ctx context.Context, q string, into any) error {
	form := url.Values{"q": {q}, "db": {"pitcrew"}, "epoch": {"ms"}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, db.url+"/query", strings.NewReader(form))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return doJSON(r, into)
}

func getJSON(ctx context.Context, address string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return doJSON(r, into)
}

// download copies what an address answers.
func download(ctx context.Context, address string, to io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, response.Status)
	}
	_, err = io.Copy(to, response.Body)
	return err
}

func doJSON(r *http.Request, into any) error {
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", r.URL, response.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}

func accepts(ctx context.Context, address string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}
