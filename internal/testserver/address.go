package testserver

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// The ports that servers get lie below those that the system gives to outgoing
// connections (32768 and above), or one of them could take it before the server does.
const firstPort, ports = 20_000, 12_000

var given struct {
	sync.Mutex
	next  int
	begun bool
}

// FreeAddress returns a loopback address, 127.0.0.1:port, that nobody listens on. A
// process gets none twice, and others begin elsewhere.
func FreeAddress() (string, error) {
	given.Lock()
	defer given.Unlock()
	if !given.begun {
		given.next, given.begun = rand.IntN(ports), true
	}
	for range ports {
		address := fmt.Sprintf("127.0.0.1:%d", firstPort+given.next)
		given.next = (given.next + 1) % ports
		if l, err := net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", errors.New("find a free port: all are taken")
}

func freeAddress(t T) string {
	t.Helper()
	address, err := FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}
