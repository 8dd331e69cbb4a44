package jsonmsg

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	statusOnline  = "online"
	statusOffline = "offline"
)

// DecodeStatus reads the payload of a status message: online or offline.
func DecodeStatus(payload []byte) (online bool, err error) {
	switch word := bytes.TrimSpace(payload); string(word) {
	case statusOnline:
		return true, nil
	case statusOffline:
		return false, nil
	default:
		return false, &vehicle.Refusal{Reason: fmt.Sprintf("want online or offline, not %q", word[:min(len(word), 32)])}
	}
}

// DecodeCodes reads a dtc message: the full set of codes that one ECU had at
// one time. A code that is absent has gone, so that a set with an entry that
// cannot be read is refused whole. The optional key "covers" lists the statuses
// that the set speaks for, where it does not speak for all, or "none"; "readiness" the
// monitors that are complete and those that are not. The error is a
// *vehicle.Refusal, beside the envelope as far as it could be read.
func DecodeCodes(vin vehicle.VIN, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	m, err := newMessage(vin, payload, received)
	if err != nil {
		return vehicle.Report{}, nil, err
	}
	defer m.done()
	m.parts = "codes"
	var set vehicle.CodeReport
	var hasTime, hasECU, hasMIL, hasCovers, hasReadiness, hasCodes bool
	for first := m.begin(); m.more('}', first); first = false {
		k := m.key()
		m.peek()
		switch string(k.raw) {
		case "time":
			m.unique("time", &hasTime)
			set.Time = m.must(m.time())
		case "ecu":
			m.unique("ecu", &hasECU)
			set.ECU = m.name("ecu")
		case "mil":
			m.unique("mil", &hasMIL)
			set.MIL = m.lamp()
		case "covers":
			m.unique("covers", &hasCovers)
			set.Covers = m.covers()
		case "readiness":
			m.unique("readiness", &hasReadiness)
			set.Readiness = m.readiness()
		case "codes":
			m.unique("codes", &hasCodes)
			set.Codes = m.codes()
		default:
			m.envelope(k)
		}
	}
	if m.err == nil && !hasTime {
		m.fail(len(payload), `"time" missing`)
	}
	if m.err == nil && !hasCodes {
		m.fail(len(payload), `"codes" missing`)
	}
	if err := m.end(); err != nil {
		return m.report.Envelope(), nil, err
	}
	if i := slices.IndexFunc(set.Codes, func(c vehicle.CodeEntry) bool {
		return len(set.Covers) > 0 && set.Covers[0] != vehicle.CoversNone && !slices.Contains(set.Covers, c.Status)
	}); i >= 0 {
		return m.report.Envelope(), nil, &vehicle.Refusal{Offset: -1, Place: fmt.Sprintf("codes[%d].status", i), Reason: `status is not among "covers"`}
	}
	m.report.Codes = []vehicle.CodeReport{set}
	return m.report, m.listed(), nil
}

// must fails the message when its time cannot be used.
func (m *message) must(at time.Time, reason string) time.Time {
	if reason != "" {
		m.fail(m.pos, reason)
	}
	return at
}

func (m *message) lamp() *bool {
	offset := m.pos
	v, why := m.value()
	switch {
	case m.err != nil:
		return nil
	case why != "" || v.Kind != vehicle.KindBool:
		m.refuse(offset, "mil", "want a boolean")
		return nil
	}
	on := v.Num != 0
	return &on
}

func (m *message) covers() []vehicle.CodeStatus {
	var all []vehicle.CodeStatus
	for first := m.enter('['); m.more(']', first); first = false {
		offset := m.pos
		all = append(all, m.status(vehicle.CoversNone))
		if len(all) > 1 && slices.Contains(all, vehicle.CoversNone) || len(all) > 4 {
			m.fail(offset, `"covers" lists a status twice, or others beside none`)
		}
	}
	return all
}

// status reads a status of a code, or also.
func (m *message) status(also vehicle.CodeStatus) vehicle.CodeStatus {
	m.peek()
	offset := m.pos
	switch s := vehicle.CodeStatus(m.name("status")); s {
	case vehicle.CodePending, vehicle.CodeConfirmed, vehicle.CodePermanent, vehicle.CodeHistory, also:
		return s
	default:
		m.fail(offset, "status is not pending, confirmed, permanent or history")
		return ""
	}
}

func (m *message) codes() []vehicle.CodeEntry {
	var all []vehicle.CodeEntry
	for first := m.enter('['); m.more(']', first); first = false {
		m.index++
		m.peek()
		offset := m.pos
		c := m.code()
		if m.err != nil {
			return nil
		}
		if len(all) == MaxCodes {
			m.fail(offset, fmt.Sprintf("more than %d codes", MaxCodes))
			return nil
		}
		if slices.ContainsFunc(all, func(o vehicle.CodeEntry) bool { return o.Code == c.Code && o.Status == c.Status }) {
			m.refuse(offset, "", "code listed twice: the first is used")
			continue
		}
		all = append(all, c)
	}
	m.index = 0
	return all
}

func (m *message) code() vehicle.CodeEntry {
	var c vehicle.CodeEntry
	var hasCode, hasStatus, hasUDS, hasSeverity, hasFrame bool
	start := m.pos
	for first := m.enter('{'); m.more('}', first); first = false {
		k := m.key()
		m.peek()
		offset := m.pos
		switch string(k.raw) {
		case "code":
			m.unique("code", &hasCode)
			code, err := vehicle.ParseCode(m.name("code"))
			if err != nil {
				m.fail(offset, err.Error())
			}
			c.Code = code
		case "status":
			m.unique("status", &hasStatus)
			c.Status = m.status(vehicle.CodeHistory)
		case "uds":
			m.unique("uds", &hasUDS)
			c.UDS = m.octet(".uds")
		case "severity":
			m.unique("severity", &hasSeverity)
			c.Severity = m.octet(".severity")
		case "freezeFrame":
			m.unique("freezeFrame", &hasFrame)
			c.FreezeFrame = m.freezeFrame(offset)
		default:
			m.skip()
		}
	}
	if m.err == nil && (!hasCode || !hasStatus) {
		m.fail(start, `a code needs "code" and "status"`)
	}
	return c
}

// octet reads an optional byte; a wrong one is refused without its code.
func (m *message) octet(field string) *uint8 {
	offset := m.pos
	if c := m.peek(); c >= '0' && c <= '9' {
		n, ok := m.unsigned(m.number())
		if ok && n <= math.MaxUint8 {
			b := uint8(n)
			return &b
		}
	} else {
		m.skip()
	}
	m.refuse(offset, field, "want a whole number from 0 to 255")
	return nil
}

func (m *message) freezeFrame(offset int) []vehicle.Reading {
	from := len(m.readings)
	if reason := m.signals(".freezeFrame."); reason != "" {
		m.refuse(offset, ".freezeFrame", reason)
		m.readings = m.readings[:from]
	}
	if len(m.readings) == from {
		return nil
	}
	return m.readings[from:len(m.readings):len(m.readings)]
}
