package evaluate

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"
)

// OwnWriter writes answers, one a line: as CSV under a header, or as JSON.
type OwnWriter struct {
	out    *bufio.Writer
	csv    *csv.Writer
	json   *json.Encoder
	headed bool
}

// NewOwnWriter writes to out. Flush it at the end.
func NewOwnWriter(out io.Writer, asJSON bool) *OwnWriter {
	w := &OwnWriter{out: bufio.NewWriter(out)}
	if asJSON {
		w.json = json.NewEncoder(w.out)
	} else {
		w.csv = csv.NewWriter(w.out)
	}
	return w
}

var ownColumns = []string{
	"unit", "component", "asof", "p10_date", "p50_date", "p90_date", "p10_km", "p50_km", "p90_km",
	"state", "readings", "data_until", "model",
}

// ownLine is an answer for machines. Times are UTC; km are whole tenths, nothing where
// the unit has no odometer.
type ownLine struct {
	Unit      string   `json:"unit"`
	Component string   `json:"component"`
	AsOf      string   `json:"asof"`
	P10Date   string   `json:"p10_date"`
	P50Date   string   `json:"p50_date"`
	P90Date   string   `json:"p90_date"`
	P10Km     *float64 `json:"p10_km"`
	P50Km     *float64 `json:"p50_km"`
	P90Km     *float64 `json:"p90_km"`
	State     string   `json:"state"`
	Readings  int      `json:"readings"`
	DataUntil string   `json:"data_until"`
	Model     string   `json:"model"`
}

func (a *OwnAnswer) line() ownLine {
	date := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	km := func(v float64) *float64 { return number(math.Round(v*10) / 10) }
	return ownLine{
		Unit: a.Unit, Component: a.Component, AsOf: date(a.AsOf),
		P10Date: date(a.Limit.P10), P50Date: date(a.Limit.P50), P90Date: date(a.Limit.P90),
		P10Km: km(a.LimitKm.P10), P50Km: km(a.LimitKm.P50), P90Km: km(a.LimitKm.P90),
		State: string(a.State), Readings: a.Readings, DataUntil: date(a.DataUntil), Model: a.Model,
	}
}

// Write writes answers. The header comes first, also where there is none of them.
func (w *OwnWriter) Write(answers []OwnAnswer) error {
	if w.csv != nil && !w.headed {
		w.headed = true
		if err := w.csv.Write(ownColumns); err != nil {
			return err
		}
	}
	for i := range answers {
		if err := w.line(answers[i].line()); err != nil {
			return err
		}
	}
	return nil
}

func (w *OwnWriter) line(l ownLine) error {
	if w.json != nil {
		return w.json.Encode(l)
	}
	km := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', 1, 64)
	}
	return w.csv.Write([]string{
		l.Unit, l.Component, l.AsOf, l.P10Date, l.P50Date, l.P90Date, km(l.P10Km), km(l.P50Km), km(l.P90Km),
		l.State, strconv.Itoa(l.Readings), l.DataUntil, l.Model,
	})
}

// Flush ends the output.
func (w *OwnWriter) Flush() error {
	if w.csv != nil {
		w.csv.Flush()
		if err := w.csv.Error(); err != nil {
			return err
		}
	}
	return w.out.Flush()
}
