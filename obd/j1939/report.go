package j1939

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// DecodeReport reads the frames of one message of a vehicle. They share one time.
//
// Values: one reading for each signal. Of several, a value that is ok goes before
// one that is not, high-resolution distance before the normal one, the lower
// source address (00 is the engine) before the higher, and then the later.
//
// Codes: for each station that sent DM1 a report of its confirmed codes, and for
// each that sent DM2 one of its history; ECU is "SA" and the source address in
// two hexadecimal digits. The last DM of the message counts; one that is cut short
// gives no report. DM1 is a broadcast, and its malfunction indicator lamp is on
// also when it flashes.
//
// If a station says that the vehicle has another VIN, nothing is used.
// Refusal.Place is "frames[3]": the position in frames.
func DecodeReport(vin vehicle.VIN, at time.Time, frames []can.Frame, o Options) (vehicle.Report, []*vehicle.Refusal) {
	report := vehicle.Report{VIN: vin}
	result := Decode(frames, o)
	refusals := result.Refusals
	for i := range result.Messages {
		m := &result.Messages[i]
		if m.Content.VIN == nil || *m.Content.VIN == "" {
			continue
		}
		if said, err := vehicle.ParseVIN(*m.Content.VIN); err == nil && said != vin { // Decode refused what is none
			another := refuse(m.Frame, fmt.Sprintf("the vehicle says it is another one: %s", said))
			return report, append(refusals, another)
		}
	}
	if readings := result.readings(); len(readings) > 0 {
		report.Samples = []vehicle.Sample{{Time: at, Readings: readings}}
	}
	report.Codes = result.codes(at)
	return report, refusals
}

// readings settles on one value for each signal.
func (r *Result) readings() []vehicle.Reading {
	type candidate struct {
		reading vehicle.Reading
		rank    int
		source  uint8
	}
	better := func(a, b candidate) bool {
		switch aGood, bGood := a.reading.Quality == vehicle.QualityOK, b.reading.Quality == vehicle.QualityOK; {
		case aGood != bGood:
			return aGood
		case a.rank != b.rank:
			return a.rank > b.rank
		default:
			return a.source <= b.source
		}
	}
	var order []vehicle.Signal
	best := map[vehicle.Signal]candidate{}
	for i := range r.Messages {
		m := &r.Messages[i]
		for _, v := range m.Content.Values {
			c := candidate{v.Reading(), v.SPN.Rank, m.Source}
			kept, found := best[v.SPN.Signal]
			if !found {
				order = append(order, v.SPN.Signal)
			}
			if !found || better(c, kept) {
				best[v.SPN.Signal] = c
			}
		}
	}
	readings := make([]vehicle.Reading, 0, len(order))
	for _, signal := range order {
		readings = append(readings, best[signal].reading)
	}
	return readings
}

// codes makes one report for each station and kind of DM, in the order in which
// they first came.
func (r *Result) codes(at time.Time) []vehicle.CodeReport {
	var order []station
	last := map[station]*Decoded{}
	for i := range r.Messages {
		m := &r.Messages[i]
		if m.Content.DM == nil {
			continue
		}
		from := station{m.PGN, m.Source}
		if last[from] == nil {
			order = append(order, from)
		}
		last[from] = m
	}
	var reports []vehicle.CodeReport
	for _, from := range order {
		if m := last[from]; m.whole {
			reports = append(reports, codeReport(at, m))
		}
	}
	return reports
}

// codeReport makes the report of one DM.
func codeReport(at time.Time, m *Decoded) vehicle.CodeReport {
	report := vehicle.CodeReport{Time: at, ECU: fmt.Sprintf("SA%02X", m.Source)}
	status := vehicle.CodeHistory
	if m.PGN == PGNDM1 {
		status = vehicle.CodeConfirmed
		report.Broadcast = true
		if on, known := m.Content.DM.Lamps.MIL.CommandedOn(); known {
			report.MIL = &on
		}
	}
	report.Covers = []vehicle.CodeStatus{status}
	listed := map[vehicle.Code]bool{}
	for _, d := range m.Content.DM.DTCs {
		code := d.Code()
		if !listed[code] {
			listed[code] = true
			report.Codes = append(report.Codes, vehicle.CodeEntry{Code: code, Status: status})
		}
	}
	return report
}
