package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// reportBody is what a code report holds beside its key, as it is kept.
type reportBody struct {
	Clock vehicle.TimeSource `json:"clock,omitempty"`
	MIL   *bool              `json:"mil,omitempty"`
	Codes []codeBody         `json:"codes,omitempty"`

	Broadcast bool `json:"broadcast,omitempty"`
	Erased    bool `json:"erased,omitempty"`

	Readiness *readinessBody `json:"readiness,omitempty"`
}

type readinessBody struct {
	Complete   []vehicle.Monitor `json:"complete,omitempty"`
	Incomplete []vehicle.Monitor `json:"incomplete,omitempty"`
}

type codeBody struct {
	Code     vehicle.Code       `json:"code"`
	Status   vehicle.CodeStatus `json:"status"`
	UDS      *uint8             `json:"uds,omitempty"`
	Severity *uint8             `json:"severity,omitempty"`
	Frame    []readingBody      `json:"frame,omitempty"`
}

// readingBody keeps numbers as text: a vehicle may freeze one that is not
// finite, which JSON numbers cannot say.
type readingBody struct {
	Signal  vehicle.Signal  `json:"signal"`
	Kind    vehicle.Kind    `json:"kind,omitempty"`
	Value   string          `json:"value"`
	Quality vehicle.Quality `json:"quality,omitempty"`
}

// codeReportRow makes the same row of the same report, however its codes and
// statuses were ordered.
func codeReportRow(f ingest.CodeFact) (sqlcgen.PutCodeReportParams, error) {
	body := reportBody{Clock: f.Report.TimeSource, MIL: f.Report.MIL, Broadcast: f.Report.Broadcast, Erased: f.Report.Erased}
	if r := f.Report.Readiness; r != nil {
		body.Readiness = &readinessBody{r.Complete, r.Incomplete}
	}
	for _, c := range f.Report.Codes {
		entry := codeBody{Code: c.Code, Status: c.Status, UDS: c.UDS, Severity: c.Severity}
		for _, r := range c.FreezeFrame {
			value := r.Value.Text
			if r.Value.Kind != vehicle.KindText {
				value = strconv.FormatFloat(r.Value.Num, 'g', -1, 64)
			}
			entry.Frame = append(entry.Frame, readingBody{r.Signal, r.Value.Kind, value, r.Quality})
		}
		body.Codes = append(body.Codes, entry)
	}
	slices.SortStableFunc(body.Codes, func(a, b codeBody) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Status, b.Status))
	})
	var covers []string
	for _, s := range f.Report.Covers {
		covers = append(covers, string(s))
	}
	slices.Sort(covers)
	encoded, err := encode(body)
	return sqlcgen.PutCodeReportParams{
		Vin: key(string(f.VIN)), At: micros(f.Report.Time), Ecu: key(f.Report.ECU),
		Covers: key(strings.Join(slices.Compact(covers), ",")), Received: micros(f.Received), Body: encoded,
	}, err
}

// CodeReports implements planner.Tx: in order of time, ECU and what they cover.
func (tx *Tx) CodeReports(ctx context.Context, vin vehicle.VIN) ([]vehicle.CodeReport, error) {
	rows, err := tx.q.CodeReports(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read trouble code reports", err)
	}
	return mapRows(rows, codeReportOf)
}

func codeReportOf(row sqlcgen.CodeReport) (vehicle.CodeReport, error) {
	var body reportBody
	if err := decode(row.Body, &body); err != nil {
		return vehicle.CodeReport{}, err
	}
	report := vehicle.CodeReport{Time: instant(row.At), TimeSource: body.Clock, ECU: row.Ecu, MIL: body.MIL, Broadcast: body.Broadcast, Erased: body.Erased}
	if r := body.Readiness; r != nil {
		report.Readiness = &vehicle.Readiness{Complete: r.Complete, Incomplete: r.Incomplete}
	}
	if row.Covers != "" {
		for s := range strings.SplitSeq(row.Covers, ",") {
			report.Covers = append(report.Covers, vehicle.CodeStatus(s))
		}
	}
	for _, c := range body.Codes {
		entry := vehicle.CodeEntry{Code: c.Code, Status: c.Status, UDS: c.UDS, Severity: c.Severity}
		for _, r := range c.Frame {
			entry.FreezeFrame = append(entry.FreezeFrame,
				vehicle.Reading{Signal: r.Signal, Value: valueOf(r.Kind, r.Value), Quality: r.Quality})
		}
		report.Codes = append(report.Codes, entry)
	}
	return report, nil
}

func valueOf(kind vehicle.Kind, s string) vehicle.Value {
	if kind == vehicle.KindText {
		return vehicle.Text(s)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		f = math.NaN()
	}
	return vehicle.Value{Kind: kind, Num: f}
}

// CodeStates implements planner.Tx: as they were last replaced.
func (tx *Tx) CodeStates(ctx context.Context, vin vehicle.VIN) ([]diagnosis.CodeState, error) {
	rows, err := tx.q.CodeStates(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read trouble codes", err)
	}
	return decodeRows[diagnosis.CodeState](rows)
}

// ReplaceCodeStates implements planner.Tx.
func (tx *Tx) ReplaceCodeStates(ctx context.Context, vin vehicle.VIN, states []diagnosis.CodeState) error {
	if err := tx.q.DeleteCodeStates(ctx, string(vin)); err != nil {
		return tx.d.fail("replace trouble codes", err)
	}
	return each(ctx, states, func(ctx context.Context, i int64, s diagnosis.CodeState) error {
		body, err := encode(s)
		if err != nil {
			return err
		}
		return tx.d.fail("replace trouble codes", tx.q.InsertCodeState(ctx, sqlcgen.InsertCodeStateParams{
			Vin: string(vin), Position: i, Code: text(string(s.Code)), Ecu: text(s.ECU), Active: s.Active,
			FirstSeen: micros(s.FirstSeen), LastSeen: micros(s.LastSeen), Body: body,
		}))
	})
}
