package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificates is the TLS of the embedded broker from its files. They are looked
// at again when a car connects, so that a renewed certificate, or another
// authority, needs no restart; cars that are connected stay.
type certificates struct {
	cert, key, clientCA string
	passwords           bool // instead of a car's certificate
	log                 *slog.Logger

	mu      sync.Mutex
	looked  time.Time
	version string // of the files that current was made of
	current *tls.Config
}

// lookAgain is how long files that were looked at count as unchanged.
const lookAgain = time.Second

// serverTLS is nil without a certificate: plain TCP.
func (c *serveCmd) serverTLS(log *slog.Logger) (*tls.Config, error) {
	if c.MQTTCert == "" {
		if c.MQTTClientCA != "" {
			return nil, errors.New("--mqtt-client-ca needs --mqtt-cert and --mqtt-key")
		}
		return nil, nil
	}
	files := &certificates{cert: c.MQTTCert, key: c.MQTTKey, clientCA: c.MQTTClientCA, passwords: len(c.MQTTUsers) > 0, log: log}
	conf, err := files.load()
	if err != nil {
		return nil, err
	}
	files.looked, files.version, files.current = time.Now(), files.versions(), conf
	outer := conf.Clone()
	outer.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return files.newest(), nil }
	return outer, nil
}

// newest is made of the files as they are, or as they were when they could be
// read last.
func (c *certificates) newest() *tls.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookAgain {
		return c.current
	}
	c.looked = time.Now()
	version := c.versions()
	if version == c.version {
		return c.current
	}
	conf, err := c.load()
	if err != nil { // half written, perhaps
		c.log.Warn("certificates of the MQTT broker changed and cannot be read; those before stay in use", "error", err)
		return c.current
	}
	c.log.Info("certificates of the MQTT broker read again", "cert", c.cert)
	c.version, c.current = version, conf
	return conf
}

// versions tells one state of the files from another.
func (c *certificates) versions() string {
	all := ""
	for _, file := range []string{c.cert, c.key, c.clientCA} {
		if info, err := os.Stat(file); err == nil {
			all += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), " ")
		}
	}
	return all
}

func (c *certificates) load() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return nil, fmt.Errorf("read the broker's certificate: %w", err)
	}
	conf := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if c.clientCA != "" {
		if conf.ClientCAs, err = authority(c.clientCA); err != nil {
			return nil, err
		}
		conf.ClientAuth = tls.RequireAndVerifyClientCert
		if c.passwords {
			conf.ClientAuth = tls.VerifyClientCertIfGiven
		}
	}
	return conf, nil
}

func authority(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no PEM certificate", file)
	}
	return pool, nil
}
