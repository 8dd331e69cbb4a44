package gbt32960

import (
	"fmt"
	"time"
)

// Command is what a frame is for.
type Command uint8

// The commands of both editions, and those that the edition of 2025 adds.
const (
	CommandLogin            Command = 0x01
	CommandRealTime         Command = 0x02
	CommandReissue          Command = 0x03 // real-time data stored while the link was down
	CommandLogout           Command = 0x04
	CommandPlatformLogin    Command = 0x05
	CommandPlatformLogout   Command = 0x06
	CommandHeartbeat        Command = 0x07
	CommandClockSync        Command = 0x08
	CommandActivation       Command = 0x09 // 2025
	CommandActivationAnswer Command = 0x0A // 2025
	CommandKeyExchange      Command = 0x0B // 2025
)

var commandNames = [...]string{
	CommandLogin: "login", CommandRealTime: "real-time data", CommandReissue: "reissued data",
	CommandLogout: "logout", CommandPlatformLogin: "platform login", CommandPlatformLogout: "platform logout",
	CommandHeartbeat: "heartbeat", CommandClockSync: "clock sync", CommandActivation: "activation",
	CommandActivationAnswer: "activation answer", CommandKeyExchange: "key exchange",
}

// String names the command: "real-time data".
func (c Command) String() string {
	if int(c) < len(commandNames) && commandNames[c] != "" {
		return commandNames[c]
	}
	return fmt.Sprintf("command %02X", uint8(c))
}

// bodyKind is how a data unit is laid out.
type bodyKind uint8

const (
	bodyOther bodyKind = iota // not read
	bodyEncrypted
	bodyAnswer
	bodyNone
	bodyUnits
	bodyLogin
	bodyLogout
	bodyPlatformLogin
	bodyActivation
	bodyActivationAnswer
	bodyKeyExchange
)

func (f *Frame) kind() bodyKind {
	switch {
	case f.Encryption != Unencrypted:
		return bodyEncrypted
	case f.Response != IsCommand:
		return bodyAnswer
	}
	switch f.Command {
	case CommandLogin:
		return bodyLogin
	case CommandRealTime, CommandReissue:
		return bodyUnits
	case CommandLogout, CommandPlatformLogout:
		return bodyLogout
	case CommandPlatformLogin:
		return bodyPlatformLogin
	case CommandHeartbeat, CommandClockSync:
		return bodyNone
	case CommandActivation:
		return f.since2025(bodyActivation)
	case CommandActivationAnswer:
		return f.since2025(bodyActivationAnswer)
	case CommandKeyExchange:
		return f.since2025(bodyKeyExchange)
	default:
		return bodyOther
	}
}

// since2025 is for commands that the edition of 2016 does not have.
func (f *Frame) since2025(kind bodyKind) bodyKind {
	if f.Edition == Edition2025 {
		return kind
	}
	return bodyOther
}

const timeSize = 6

// walk walks the data unit.
func (f *Frame) walk(c coder) {
	r, reading := c.(*reader)
	kind := f.kind()
	switch kind {
	case bodyEncrypted:
		c.rest("", &f.Payload)
		if reading && len(f.Payload) > 0 {
			f.refuse(r.base, "", f.Edition.Unreadable(f.Encryption))
		}
		return
	case bodyOther:
		c.rest("data", &f.Payload)
		return
	case bodyAnswer:
		if reading && r.left() >= timeSize || !reading && !f.Time.IsZero() {
			c.time("time", &f.Time)
		}
		c.rest("ack_body", &f.AckBody)
		return
	case bodyActivationAnswer, bodyKeyExchange, bodyNone:
	default:
		c.time("time", &f.Time)
	}
	if kind == bodyUnits {
		f.walkUnits(c)
		return
	}
	if p, ok := c.(*printer); !ok || !f.broken {
		f.walkBody(c, p, kind)
	}
	c.rest("", &f.Trailing)
}

// walkBody walks what follows the time. p is the coder when that prints.
func (f *Frame) walkBody(c coder, p *printer, kind bodyKind) {
	switch kind {
	case bodyLogin:
		c.open("login")
		f.Login.walk(c, p, f.Edition)
		if p != nil {
			p.integer("trailing_bytes", len(f.Trailing))
		}
		c.done()
	case bodyLogout:
		c.open("logout")
		c.code16("sequence", &f.Logout.Serial)
		c.done()
	case bodyPlatformLogin:
		c.open("platform_login")
		f.PlatformLogin.walk(c)
		c.done()
	case bodyActivation:
		c.open("activation")
		f.Activation.walk(c)
		c.done()
	case bodyActivationAnswer:
		c.open("activation_answer")
		c.code("result", &f.ActivationAnswer.Result)
		c.code("info", &f.ActivationAnswer.Info)
		c.done()
	case bodyKeyExchange:
		c.open("key_exchange")
		f.KeyExchange.walk(c)
		c.done()
	default: // nothing follows
	}
}

// walkUnits walks the units of real-time data.
func (f *Frame) walkUnits(c coder) {
	switch c := c.(type) {
	case *reader:
		if c.fault == "" {
			f.readUnits(c)
		}
	case *writer:
		for _, u := range f.Units {
			c.unit(u, f.Edition)
		}
	case *printer:
		c.units(f.Units, f.Edition)
	}
}

// Login is the body of a vehicle's login.
type Login struct {
	Serial     uint16   // counts the logins of a day, 1 to 65531
	ICCID      []byte   // of the SIM card, 20 characters
	Count      uint8    // storage subsystems in 2016, battery management systems in 2025; FE, FF
	CodeLength uint8    // of each code; 2016 only, may be 0 with a Count
	Packs      []byte   // packs of each battery management system; 2025 only
	Codes      [][]byte // of the subsystems in 2016, of all packs in 2025; text or binary
}

// packCodeSize is the length of a battery pack's code (GB/T 34014).
const packCodeSize = 24

func (l *Login) walk(c coder, p *printer, e Edition) {
	c.code16("sequence", &l.Serial)
	c.text("iccid", 20, &l.ICCID)
	if e == Edition2025 {
		c.code("bms_count", &l.Count)
		c.raw("", listed(l.Count), &l.Packs)
		packs := 0
		for _, n := range l.Packs {
			packs += listed(n)
		}
		l.walkCodes(c, packs, packCodeSize)
		if p != nil {
			p.packs(l)
		}
		return
	}
	c.code("storage_count", &l.Count)
	c.code("code_length", &l.CodeLength)
	n := listed(l.Count)
	if l.CodeLength == 0 {
		n = 0
	}
	l.walkCodes(c, n, int(l.CodeLength))
	if p != nil {
		p.codes(l.Codes)
	}
}

// listed is how many elements follow a count of one byte.
func listed(count uint8) int {
	if count >= 0xFE {
		return 0
	}
	return int(count)
}

func (l *Login) walkCodes(c coder, n, size int) {
	switch c := c.(type) {
	case *reader:
		if n*size > c.left() {
			c.short(n * size)
			return
		}
		for range n {
			l.Codes = append(l.Codes, c.next(size))
		}
	case *writer:
		if n != len(l.Codes) {
			c.fail(fmt.Errorf("login: %d codes, counted as %d", len(l.Codes), n))
			return
		}
		for i := range l.Codes {
			c.raw("code", size, &l.Codes[i])
		}
	}
}

// Logout is the body of a logout.
type Logout struct {
	Serial uint16 // of the login it ends
}

// PlatformLogin is the body of a platform's login.
type PlatformLogin struct {
	Serial     uint16
	User       []byte // 12 bytes of text, ASCII or GBK
	Password   []byte // 20 bytes of text
	Encryption uint8  // as Frame.Encryption
}

func (l *PlatformLogin) walk(c coder) {
	c.code16("sequence", &l.Serial)
	c.raw("username_hex", 12, &l.User)
	c.raw("password_hex", 20, &l.Password)
	c.code("encryption", &l.Encryption)
}

// Activation is the body by which a terminal makes its key known, in 2025.
type Activation struct {
	ChipID    []byte // 16 bytes of text
	PublicKey []byte
	VIN       []byte // 17 bytes of text
	Signature Signature
}

func (a *Activation) walk(c coder) {
	c.text("chip_id", 16, &a.ChipID)
	c.raw("public_key", c.length("", len(a.PublicKey)), &a.PublicKey)
	c.text("vin", 17, &a.VIN)
	c.open("signature")
	a.Signature.walk(c, Edition2025)
	c.done()
}

// ActivationAnswer is the platform's answer to an activation, in 2025.
type ActivationAnswer struct {
	Result uint8 // 1 activated, 2 refused
	Info   uint8 // 1 ok, 2 chip is in use, 3 VIN is in use
}

// KeyExchange is the body that hands over a key, in 2025.
type KeyExchange struct {
	Algorithm uint8
	Key       []byte
	From, To  time.Time // when the key is valid
}

func (k *KeyExchange) walk(c coder) {
	c.code("algorithm", &k.Algorithm)
	c.raw("key", c.length("", len(k.Key)), &k.Key)
	c.time("valid_from", &k.From)
	c.time("valid_to", &k.To)
}
