package main

import (
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// lines writes what was decoded and what was refused, one JSON object a line.
type lines struct {
	out     *json.Encoder
	written int
	refused int
	err     error // of writing
}

func newLines(out io.Writer) *lines {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return &lines{out: e}
}

// put writes one object under its one key: what kind of line it is.
func (l *lines) put(kind string, v any) {
	l.written++
	if err := l.out.Encode(map[string]any{kind: v}); err != nil && l.err == nil {
		l.err = err
	}
}

type refusedLine struct {
	Place  string `json:"place,omitempty"`
	Offset *int   `json:"offset,omitempty"`
	Reason string `json:"reason"`
}

// refuse writes a part that was not used, and why.
func (l *lines) refuse(r *vehicle.Refusal) {
	l.refused++
	line := refusedLine{Place: r.Place, Reason: r.Reason}
	if r.Offset >= 0 {
		line.Offset = &r.Offset
	}
	l.put("refused", line)
}

func (l *lines) refuseAll(refusals []*vehicle.Refusal) {
	for _, r := range refusals {
		l.refuse(r)
	}
}

// refuseError writes why a whole message cannot be used.
func (l *lines) refuseError(err error) {
	var unusable *obd.UnusableError
	var refusal *vehicle.Refusal
	switch {
	case errors.As(err, &unusable):
		l.refuseAll(unusable.Refusals)
	case errors.As(err, &refusal):
		l.refuse(refusal)
	default:
		l.refuse(&vehicle.Refusal{Offset: -1, Reason: err.Error()})
	}
}

type reportLine struct {
	VIN    vehicle.VIN `json:"vin,omitempty"`
	Device string      `json:"device,omitempty"`
	Boot   string      `json:"boot,omitempty"`
	Seq    uint64      `json:"seq,omitempty"`
	Sent   *time.Time  `json:"sent,omitempty"`
	Online *bool       `json:"online,omitempty"`
}

type sampleLine struct {
	Time       time.Time                     `json:"time,omitzero"`
	TimeSource string                        `json:"timeSource"`
	Signals    map[vehicle.Signal]signalLine `json:"signals"`
}

type signalLine struct {
	Value   any    `json:"value"`
	Unit    string `json:"unit,omitempty"`
	Quality string `json:"quality,omitempty"` // left out when ok
}

type codesLine struct {
	Time      time.Time            `json:"time,omitzero"`
	ECU       string               `json:"ecu,omitempty"`
	MIL       *bool                `json:"mil,omitempty"`
	Covers    []vehicle.CodeStatus `json:"covers,omitempty"` // left out when all
	Broadcast bool                 `json:"broadcast,omitempty"`
	Erased    bool                 `json:"erased,omitempty"`
	Readiness *readinessLine       `json:"readiness,omitempty"`
	Codes     []codeLine           `json:"codes"`
}

type readinessLine struct {
	Complete   []vehicle.Monitor `json:"complete"`
	Incomplete []vehicle.Monitor `json:"incomplete"`
}

type codeLine struct {
	Code        vehicle.Code                  `json:"code"`
	Namespace   vehicle.Namespace             `json:"namespace"`
	Status      vehicle.CodeStatus            `json:"status"`
	UDS         *uint8                        `json:"uds,omitempty"`
	Severity    *uint8                        `json:"severity,omitempty"`
	FreezeFrame map[vehicle.Signal]signalLine `json:"freezeFrame,omitempty"`
}

// report writes a report in pitcrew's vocabulary: VSS 6.0 signals and units.
func (l *lines) report(device string, r vehicle.Report) {
	head := reportLine{VIN: r.VIN, Device: device, Boot: r.Boot, Seq: r.Seq, Online: r.Online}
	if !r.Sent.IsZero() {
		head.Sent = &r.Sent
	}
	if head != (reportLine{}) {
		l.put("report", head)
	}
	for _, s := range r.Samples {
		l.put("sample", sampleLine{s.Time, s.TimeSource.String(), signalsOf(s.Readings)})
	}
	for _, c := range r.Codes {
		line := codesLine{Time: c.Time, ECU: c.ECU, MIL: c.MIL, Covers: c.Covers, Broadcast: c.Broadcast, Erased: c.Erased, Codes: []codeLine{}}
		if r := c.Readiness; r != nil {
			line.Readiness = &readinessLine{append([]vehicle.Monitor{}, r.Complete...), append([]vehicle.Monitor{}, r.Incomplete...)}
		}
		for _, e := range c.Codes {
			line.Codes = append(line.Codes, codeLine{e.Code, e.Code.Namespace(), e.Status, e.UDS, e.Severity, signalsOf(e.FreezeFrame)})
		}
		l.put("codes", line)
	}
}

func signalsOf(readings []vehicle.Reading) map[vehicle.Signal]signalLine {
	signals := make(map[vehicle.Signal]signalLine, len(readings))
	for _, r := range readings {
		def, _ := vehicle.Lookup(r.Signal)
		line := signalLine{Value: r.Value.Plain(), Unit: def.Unit}
		switch r.Quality {
		case vehicle.QualityOK:
		case vehicle.QualityOutOfRange:
			line.Quality = r.Quality.String()
		default:
			line.Value, line.Quality = nil, r.Quality.String()
		}
		signals[r.Signal] = line
	}
	return signals
}
