package gbt32960

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// MarshalJSON prints a frame that was decoded: its head, the time (null for one
// that does not exist) and the body; the head alone for a frame that is cut. Numbers without a value are null, and "quality" says
// whether they are "abnormal" or "invalid". Refusals are not part of it.
func (f *Frame) MarshalJSON() ([]byte, error) {
	p := printer{}
	p.item()
	p.string("edition", f.Edition.String())
	p.integer("command", int(f.Command))
	p.integer("response", int(f.Response))
	p.string("vin", f.VIN())
	p.integer("encryption", int(f.Encryption))
	p.integer("data_length", f.DataLength)
	p.flag("length_valid", f.LengthValid)
	p.integer("bcc", int(f.BCC))
	p.integer("bcc_computed", int(f.BCCComputed))
	p.flag("bcc_valid", f.whole && f.BCC == f.BCCComputed)
	switch {
	case !f.whole: // no body to show
	case f.kind() == bodyEncrypted:
		p.flag("payload_encrypted", true)
	default:
		f.walk(&p)
	}
	p.done()
	return p.buf, nil
}

// printer is the coder that writes JSON.
type printer struct {
	buf     []byte
	quality []byte // members of "quality" of the open objects
	objects []int  // where in quality those of each open object begin
}

// separate puts a comma unless an object or a list has just begun.
func (p *printer) separate() {
	if n := len(p.buf); n > 0 && p.buf[n-1] != '{' && p.buf[n-1] != '[' && p.buf[n-1] != ':' {
		p.buf = append(p.buf, ',')
	}
}

func (p *printer) key(name string) {
	p.separate()
	p.buf = append(append(append(p.buf, '"'), name...), '"', ':')
}

func (p *printer) integer(name string, v int) {
	if name != "" {
		p.key(name)
		p.buf = strconv.AppendInt(p.buf, int64(v), 10)
	}
}

func (p *printer) flag(name string, v bool) {
	p.key(name)
	p.buf = strconv.AppendBool(p.buf, v)
}

func (p *printer) string(name, s string) {
	p.key(name)
	p.quote(s)
}

func (p *printer) quote(s string) {
	q, err := json.Marshal(s)
	if err != nil {
		q = []byte(`""`) // no string fails
	}
	p.buf = append(p.buf, q...)
}

func (p *printer) value(n Number) {
	if !n.Known() {
		p.buf = append(p.buf, "null"...)
		return
	}
	p.buf = strconv.AppendFloat(p.buf, n.Value, 'f', -1, 64)
}

func (p *printer) code(name string, v *uint8)    { p.integer(name, int(*v)) }
func (p *printer) code16(name string, v *uint16) { p.integer(name, int(*v)) }
func (p *printer) code32(name string, v *uint32) { p.integer(name, int(*v)) }

func (p *printer) number(f *field, v *Number) {
	p.key(f.name)
	p.value(*v)
	if v.Known() {
		return
	}
	if len(p.quality) > p.objects[len(p.objects)-1] {
		p.quality = append(p.quality, ',')
	}
	p.quality = fmt.Appendf(p.quality, `"%s":"%s"`, f.name, v.Quality)
}

func (p *printer) gear(v *Gear, e Edition) {
	p.open("gear")
	p.integer("raw", int(*v))
	p.string("gear", v.String())
	p.flag("driving_force", v.Driving())
	p.flag("braking_force", v.Braking())
	if e == Edition2025 {
		p.flag("position_valid", v.Valid())
	}
	p.done()
}

func (p *printer) time(name string, v *time.Time) {
	p.key(name)
	if v.IsZero() {
		p.buf = append(p.buf, "null"...)
		return
	}
	p.buf = append(v.In(zone).AppendFormat(append(p.buf, '"'), time.RFC3339), '"')
}

func (p *printer) raw(name string, _ int, v *[]byte) {
	if name != "" {
		p.string(name, strings.ToUpper(hex.EncodeToString(*v)))
	}
}

func (p *printer) lower(name string, _ int, v *[]byte) { p.string(name, hex.EncodeToString(*v)) }
func (p *printer) rest(name string, v *[]byte)         { p.raw(name, 0, v) }
func (p *printer) text(name string, _ int, v *[]byte) {
	p.string(name, string(bytes.Trim(*v, "\x00 ")))
}

func (p *printer) length(name string, have int) int {
	p.integer(name, have)
	return have
}

func (p *printer) count(name string, size, _, have int, q *vehicle.Quality) int {
	limit := math.MaxUint8
	if size == 2 {
		limit = math.MaxUint16
	}
	switch *q {
	case vehicle.QualityInvalid:
		p.integer(name, limit)
	case vehicle.QualityAbnormal:
		p.integer(name, limit-1)
	default:
		p.integer(name, have)
	}
	return have
}

func (p *printer) open(name string) {
	p.key(name)
	p.item()
}

func (p *printer) begin(name string) {
	p.key(name)
	p.buf = append(p.buf, '[')
}

func (p *printer) item() {
	p.separate()
	p.buf = append(p.buf, '{')
	p.objects = append(p.objects, len(p.quality))
}

func (p *printer) done() {
	own := p.objects[len(p.objects)-1]
	p.objects = p.objects[:len(p.objects)-1]
	if len(p.quality) > own {
		p.key("quality")
		p.buf = append(append(append(p.buf, '{'), p.quality[own:]...), '}')
		p.quality = p.quality[:own]
	}
	p.buf = append(p.buf, '}')
}

func (p *printer) end() { p.buf = append(p.buf, ']') }

func (p *printer) cells(name string, v []CellVoltage) {
	p.begin(name)
	for _, c := range v {
		p.separate()
		p.value(c.Volts())
	}
	p.end()
}

func (p *printer) probes(name string, v []Temperature) {
	p.begin(name)
	for _, t := range v {
		p.separate()
		p.value(t.Celsius())
	}
	p.end()
}

func (p *printer) faults(name string, v []uint32) {
	p.begin(name)
	for _, code := range v {
		p.separate()
		p.buf = fmt.Appendf(p.buf, `"%08X"`, code)
	}
	p.end()
}

func (p *printer) pool() *pool { return nil }

// units prints the information units.
func (p *printer) units(units []Unit, e Edition) {
	p.begin("infos")
	for _, u := range units {
		t, _ := u.Type(e)
		p.item()
		p.integer("type", int(t))
		p.string("name", u.name())
		u.walk(p, e)
		p.done()
	}
	p.end()
}

// alarms prints the names of the flags that are set.
func (p *printer) alarms(flags uint32, e Edition) {
	p.begin("flags")
	for bit := range uint8(32) {
		if flags>>bit&1 == 1 {
			p.separate()
			p.quote(e.alarmName(bit))
		}
	}
	p.end()
}

// codes prints codes as text, or in hexadecimal digits when one is no text.
func (p *printer) codes(codes [][]byte) {
	text, name := printable(codes), "codes"
	if !text {
		name += "_hex"
	}
	p.begin(name)
	p.codeList(codes, text)
	p.end()
}

func (p *printer) codeList(codes [][]byte, text bool) {
	for _, code := range codes {
		p.separate()
		if text {
			p.quote(string(bytes.Trim(code, "\x00 ")))
		} else {
			p.quote(strings.ToUpper(hex.EncodeToString(code)))
		}
	}
}

// packs prints the codes of a login of 2025, a list for each battery management
// system.
func (p *printer) packs(l *Login) {
	p.begin("packs_per_bms")
	for _, n := range l.Packs {
		p.separate()
		p.buf = strconv.AppendInt(p.buf, int64(n), 10)
	}
	p.end()
	text, name := printable(l.Codes), "pack_codes"
	if !text {
		name += "_hex"
	}
	p.begin(name)
	codes := l.Codes
	for _, packs := range l.Packs {
		n := min(listed(packs), len(codes))
		p.separate()
		p.buf = append(p.buf, '[')
		p.codeList(codes[:n], text)
		p.end()
		codes = codes[n:]
	}
	p.end()
}

// printable reports whether all codes are ASCII text, filled up with NULs at most.
func printable(codes [][]byte) bool {
	for _, code := range codes {
		for _, c := range bytes.TrimRight(code, "\x00") {
			if c < ' ' || c > '~' {
				return false
			}
		}
	}
	return true
}
