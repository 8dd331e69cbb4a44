package jsonmsg

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Adapter is an obd message: what an adapter said, not decoded yet.
type Adapter struct {
	Report vehicle.Report // the envelope; no samples, no codes
	Time   time.Time      // event time of everything inside
	Text   string         // ELM327 text; empty when Frames is used
	Frames []CANFrame
}

// CANFrame is one frame with its id in capital hexadecimal digits.
type CANFrame struct {
	ID    string
	Data  []byte
	Index int // position in the message, wrong frames counted too
}

// maxFrameData is the data of a CAN FD frame.
const maxFrameData = 64

// DecodeAdapter reads the envelope of an obd message: a time, and either the
// adapter's text or CAN frames. The error is a *vehicle.Refusal; beside it comes
// the envelope as far as it could be read.
func DecodeAdapter(vin vehicle.VIN, payload []byte, received time.Time) (Adapter, []*vehicle.Refusal, error) {
	m, err := newMessage(vin, payload, received)
	if err != nil {
		return Adapter{}, nil, err
	}
	defer m.done()
	m.parts = "frames"
	var a Adapter
	var hasTime, hasText, hasFrames bool
	for first := m.begin(); m.more('}', first); first = false {
		k := m.key()
		m.peek()
		switch string(k.raw) {
		case "time":
			m.unique("time", &hasTime)
			a.Time = m.must(m.time())
		case "elm327":
			m.unique("elm327", &hasText)
			a.Text = m.adapterText()
		case "frames":
			m.unique("frames", &hasFrames)
			a.Frames = m.frames()
		default:
			m.envelope(k)
		}
	}
	if m.err == nil && !hasTime {
		m.fail(len(payload), `"time" missing`)
	}
	if m.err == nil && hasText == hasFrames {
		m.fail(len(payload), `want "elm327" or "frames", and only one of them`)
	}
	if err := m.end(); err != nil {
		return Adapter{Report: m.report.Envelope()}, nil, err
	}
	a.Report = m.report
	return a, m.listed(), nil
}

// adapterText reads the adapter's text. Noise on the bus can put any byte into
// it: bytes that are not UTF-8 only spoil their own line.
func (m *message) adapterText() string {
	if m.peek() != '"' {
		m.fail(m.pos, `"elm327" is not a text`)
		return ""
	}
	offset := m.pos
	t := m.string()
	if len(t.raw) > MaxText {
		m.fail(offset, fmt.Sprintf("adapter text of more than %d bytes", MaxText))
	}
	return string(t.raw)
}

func (m *message) frames() []CANFrame {
	start := m.pos
	var all []CANFrame
	for first := m.enter('['); m.more(']', first); first = false {
		m.peek()
		offset := m.pos
		if m.index++; m.index > MaxFrames {
			m.fail(start, fmt.Sprintf("more than %d frames", MaxFrames))
			return nil
		}
		f, why := m.frame()
		if why != "" {
			m.refuse(offset, "", why)
			continue
		}
		all = append(all, f)
	}
	m.index = 0
	return all
}

func (m *message) frame() (CANFrame, string) {
	f := CANFrame{Index: m.index - 1}
	if m.peek() != '{' {
		m.skip()
		return f, "a frame is an object"
	}
	var hasID, hasData bool
	why := ""
	for first := m.enter('{'); m.more('}', first); first = false {
		switch k := m.key(); string(k.raw) {
		case "id":
			m.unique("id", &hasID)
			if f.ID = strings.ToUpper(m.digits()); f.ID == "" || len(f.ID) > 8 {
				why = `"id" is not 1 to 8 hexadecimal digits`
			}
		case "data":
			m.unique("data", &hasData)
			data, err := hex.DecodeString(m.digits())
			if f.Data = data; err != nil || len(data) == 0 || len(data) > maxFrameData {
				why = fmt.Sprintf(`"data" is not 1 to %d bytes in hexadecimal`, maxFrameData)
			}
		default:
			m.skip()
		}
	}
	if !hasID || !hasData {
		why = `a frame needs "id" and "data"`
	}
	return f, why
}

// digits reads a text of hexadecimal digits; anything else gives "".
func (m *message) digits() string {
	if m.peek() != '"' {
		m.skip()
		return ""
	}
	s := string(m.string().raw)
	if strings.Trim(s, "0123456789abcdefABCDEF") != "" {
		return ""
	}
	return s
}

// AppendAdapter appends an adapter's text as an obd message to dst.
// DecodeAdapter gives the same text back, if it is UTF-8.
func AppendAdapter(dst []byte, boot string, seq uint64, at time.Time, elm327 string) []byte {
	dst = append(dst, '{')
	dst = appendEnvelope(dst, boot, seq)
	dst = append(dst, `,"time":`...)
	dst = appendTime(dst, at)
	dst = append(dst, `,"elm327":`...)
	dst = appendString(dst, elm327)
	return append(dst, '}')
}
