package mqttframe

import "io"

// Passed is what is left of a packet that goes on to somebody else as it came: what was
// read of it already, then so many bytes that were not. The zero value is empty.
type Passed struct {
	read   []byte
	unread int
}

// Set replaces what is left. The bytes read must stay as they are until Empty.
func (p *Passed) Set(read []byte, unread int) { p.read, p.unread = read, unread }

// Empty reports whether nothing is left.
func (p *Passed) Empty() bool { return len(p.read) == 0 && p.unread == 0 }

// Read reads what is left, which must not be empty; unread bytes come from in. It never
// reads in beyond the packet.
func (p *Passed) Read(b []byte, in io.Reader) (n int, err error) {
	if len(p.read) > 0 {
		n = copy(b, p.read)
		p.read = p.read[n:]
		return n, nil
	}
	n, err = in.Read(b[:min(len(b), p.unread)])
	p.unread -= n
	return n, err
}
