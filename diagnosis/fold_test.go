package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var (
	pending   = vehicle.CodePending
	confirmed = vehicle.CodeConfirmed
	permanent = vehicle.CodePermanent
)

// start is the first moment of all tests here.
var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// hour returns a time n hours into the test: each its own driving cycle.
func hour(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }

func code(c vehicle.Code, s vehicle.CodeStatus) vehicle.CodeEntry {
	return vehicle.CodeEntry{Code: c, Status: s}
}

func full(at time.Time, codes ...vehicle.CodeEntry) vehicle.CodeReport {
	return vehicle.CodeReport{Time: at, ECU: "7E8", Codes: codes}
}

func partial(at time.Time, covers vehicle.CodeStatus, codes ...vehicle.CodeEntry) vehicle.CodeReport {
	return vehicle.CodeReport{Time: at, ECU: "7E8", Covers: []vehicle.CodeStatus{covers}, Codes: codes}
}

func TestFoldCodes(t *testing.T) {
	t.Parallel()
	lamp := true
	steps := func(list ...diagnosis.Step) []diagnosis.Step { return list }
	at := func(n int, s vehicle.CodeStatus) diagnosis.Step { return diagnosis.Step{At: hour(n), Status: s} }
	ended := steps(at(0, confirmed), diagnosis.Step{At: hour(1), Status: diagnosis.CodeGone, Lost: confirmed})
	gone := func(from int) []vehicle.CodeReport {
		return []vehicle.CodeReport{full(hour(from)), full(hour(from + 1)), full(hour(from + 2))}
	}
	tests := []struct {
		name    string
		reports []vehicle.CodeReport
		want    diagnosis.CodeState
	}{
		{
			name: "pending becomes confirmed",
			reports: []vehicle.CodeReport{
				full(hour(0), code("P0171", pending)),
				{Time: hour(1), ECU: "7E8", MIL: &lamp, Codes: []vehicle.CodeEntry{code("P0171", confirmed)}},
			},
			want: diagnosis.CodeState{Status: confirmed, Active: true, MIL: true, FirstSeen: hour(0), LastSeen: hour(1), Cycles: 2, Occurrences: 1, Steps: steps(at(0, pending), at(1, confirmed))},
		},
		{
			name:    "polls of one drive are one cycle",
			reports: []vehicle.CodeReport{full(start, code("P0171", pending)), full(start.Add(time.Minute), code("P0171", pending)), full(start.Add(9*time.Minute), code("P0171", pending))},
			want:    diagnosis.CodeState{Status: pending, Active: true, FirstSeen: start, LastSeen: start.Add(9 * time.Minute), Cycles: 1, Occurrences: 1, Steps: steps(at(0, pending))},
		},
		{
			name:    "missed once is still there",
			reports: []vehicle.CodeReport{full(hour(0), code("P0171", confirmed)), full(hour(1))},
			want:    diagnosis.CodeState{Status: confirmed, Active: true, FirstSeen: hour(0), LastSeen: hour(0), Cycles: 1, Occurrences: 1, MissingSince: hour(1), Steps: steps(at(0, confirmed)), Ending: diagnosis.Step{At: hour(1), Status: diagnosis.CodeGone, Lost: confirmed}},
		},
		{
			name:    "a flapping code is one occurrence",
			reports: []vehicle.CodeReport{full(hour(0), code("P0171", confirmed)), full(hour(1)), full(hour(2)), full(hour(3), code("P0171", confirmed))},
			want:    diagnosis.CodeState{Status: confirmed, Active: true, FirstSeen: hour(0), LastSeen: hour(3), Cycles: 2, Occurrences: 1, Steps: steps(at(0, confirmed))},
		},
		{
			name:    "missed three times is cleared at the first of them",
			reports: append(gone(1), full(hour(0), code("P0171", confirmed))),
			want: diagnosis.CodeState{
				Status: confirmed, FirstSeen: hour(0), LastSeen: hour(0), ClearedAt: hour(1), Cycles: 1, Occurrences: 1,
				Earlier: []diagnosis.Occurrence{{From: hour(0), To: hour(1), Steps: ended}}, Steps: ended,
			},
		},
		{
			name:    "back after it was cleared is a new occurrence",
			reports: append(gone(1), full(hour(0), code("P0171", confirmed)), full(hour(9), code("P0171", pending))),
			want: diagnosis.CodeState{
				Status: pending, Active: true, FirstSeen: hour(9), LastSeen: hour(9), Cycles: 1, Occurrences: 2,
				Earlier: []diagnosis.Occurrence{{From: hour(0), To: hour(1), Steps: ended}}, Steps: steps(at(9, pending)),
			},
		},
		{
			name: "service 03 says nothing of pending codes",
			reports: []vehicle.CodeReport{
				partial(hour(0), pending, code("P0171", pending)),
				partial(hour(1), confirmed), partial(hour(2), confirmed), partial(hour(3), confirmed), partial(hour(4), confirmed),
			},
			want: diagnosis.CodeState{Status: pending, Active: true, FirstSeen: hour(0), LastSeen: hour(0), Cycles: 1, Occurrences: 1, Steps: steps(at(0, pending))},
		},
		{
			name: "services 03 and 07 of one moment are one report",
			reports: []vehicle.CodeReport{
				partial(hour(0), confirmed), partial(hour(0), pending, code("P0171", pending)),
				partial(hour(1), confirmed, code("P0171", confirmed)), partial(hour(1), pending, code("P0171", pending)),
			},
			want: diagnosis.CodeState{Status: confirmed, Active: true, FirstSeen: hour(0), LastSeen: hour(1), Cycles: 2, Occurrences: 1, Steps: steps(at(0, pending), at(1, confirmed))},
		},
		{
			name: "a permanent code outlives the clearing of the confirmed one",
			reports: []vehicle.CodeReport{
				full(hour(0), code("P0171", confirmed), code("P0171", permanent)),
				full(hour(1), code("P0171", permanent)), full(hour(2), code("P0171", permanent)), full(hour(3), code("P0171", permanent)),
			},
			want: diagnosis.CodeState{
				Status: permanent, Active: true, FirstSeen: hour(0), LastSeen: hour(3), Cycles: 4, Occurrences: 1,
				Steps: steps(at(0, permanent), diagnosis.Step{At: hour(1), Status: permanent, Lost: confirmed}),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.Code, tt.want.ECU = "P0171", "7E8"
			if diff := cmp.Diff([]diagnosis.CodeState{tt.want}, diagnosis.FoldCodes(tt.reports)); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFoldCodesKeepsTheFirstFreezeFrameAndTheWorstSeverity(t *testing.T) {
	t.Parallel()
	first := vehicle.Reading{Signal: vehicle.TraveledDistance, Value: vehicle.Number(48_000_000)}
	later := vehicle.Reading{Signal: vehicle.TraveledDistance, Value: vehicle.Number(49_000_000)}
	low, high := uint8(0x20), uint8(0x80)
	got := diagnosis.FoldCodes([]vehicle.CodeReport{
		full(hour(1), vehicle.CodeEntry{Code: "P0171", Status: confirmed, Severity: &high, FreezeFrame: []vehicle.Reading{later}}),
		full(hour(0), vehicle.CodeEntry{Code: "P0171", Status: confirmed, Severity: &low, FreezeFrame: []vehicle.Reading{first}}),
	})
	if len(got) != 1 {
		t.Fatalf("got %d states, want 1", len(got))
	}
	if diff := cmp.Diff([]vehicle.Reading{first}, got[0].FreezeFrame); diff != "" {
		t.Errorf("freeze frame (-want +got):\n%s", diff)
	}
	if *got[0].Severity != high || got[0].OdometerKm != 48_000 {
		t.Errorf("severity %#x at %v km, want 0x80 at 48000 km", *got[0].Severity, got[0].OdometerKm)
	}
}

// Devices ask for lists and for freeze frames one by one. A frame alone is no code.
func TestFreezeFrameToldApart(t *testing.T) {
	t.Parallel()
	slow, fast := vehicle.Reading{Signal: vehicle.Speed, Value: vehicle.Number(40)}, vehicle.Reading{Signal: vehicle.Speed, Value: vehicle.Number(90)}
	frame := func(at time.Time, ecu string, r vehicle.Reading) vehicle.CodeReport {
		return vehicle.CodeReport{Time: at, ECU: ecu, Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Codes: []vehicle.CodeEntry{
			{Code: "P0171", Status: vehicle.CodeStored, FreezeFrame: []vehicle.Reading{r}},
		}}
	}
	listed := full(hour(1), code("P0171", confirmed))
	for name, tt := range map[string]struct {
		reports []vehicle.CodeReport
		want    []vehicle.Reading
	}{
		"after the list":           {[]vehicle.CodeReport{listed, frame(hour(2), "7E8", slow)}, []vehicle.Reading{slow}},
		"just before it":           {[]vehicle.CodeReport{frame(hour(1).Add(-time.Second), "7E8", slow), listed}, []vehicle.Reading{slow}},
		"of an earlier occurrence": {[]vehicle.CodeReport{frame(hour(0), "7E8", slow), listed}, nil},
		"the first of two":         {[]vehicle.CodeReport{listed, frame(hour(3), "7E8", fast), frame(hour(2), "7E8", slow)}, []vehicle.Reading{slow}},
		"of another module":        {[]vehicle.CodeReport{listed, frame(hour(2), "7E9", slow)}, nil},
	} {
		got := diagnosis.FoldCodes(tt.reports)
		if len(got) != 1 || !got[0].FirstSeen.Equal(hour(1)) {
			t.Fatalf("%s: %+v", name, got)
		}
		if diff := cmp.Diff(tt.want, got[0].FreezeFrame); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := diagnosis.FoldCodes([]vehicle.CodeReport{frame(hour(2), "7E8", slow)}); len(got) > 0 {
		t.Errorf("of a frame alone: %+v", got)
	}
}

func TestFoldCodesKeepsModulesApart(t *testing.T) {
	t.Parallel()
	other := full(hour(1))
	other.ECU = "7E9"
	got := diagnosis.FoldCodes([]vehicle.CodeReport{full(hour(0), code("P0171", confirmed)), other, other, other})
	if len(got) != 1 || !got[0].Active || !got[0].MissingSince.IsZero() {
		t.Errorf("silence of module 7E9 counted against a code of 7E8: %+v", got)
	}
}

// Whatever order and however often reports come, the states are the same.
func TestFoldCodesIgnoresOrderAndDuplicates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		reports := rapid.SliceOfN(anyReport(), 1, 25).Draw(t, "reports")
		copies := rapid.SliceOfN(rapid.SampledFrom(reports), 0, 10).Draw(t, "copies")
		shuffled := rapid.Permutation(slices.Concat(reports, copies)).Draw(t, "shuffled")
		if diff := cmp.Diff(diagnosis.FoldCodes(reports), diagnosis.FoldCodes(shuffled)); diff != "" {
			t.Fatalf("order or copies changed the states (-in order +shuffled):\n%s", diff)
		}
	})
}

// anyReport draws a report of one of two modules at one of few moments, so that
// moments, codes and statuses meet.
func anyReport() *rapid.Generator[vehicle.CodeReport] {
	return rapid.Custom(func(t *rapid.T) vehicle.CodeReport {
		r := vehicle.CodeReport{
			Time: start.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "five minutes")) * 5 * time.Minute),
			ECU:  rapid.SampledFrom([]string{"7E8", "7E9", ""}).Draw(t, "ecu"),
		}
		if rapid.Bool().Draw(t, "lamp known") {
			on := rapid.Bool().Draw(t, "lamp")
			r.MIL = &on
		}
		r.Covers = rapid.SliceOfNDistinct(anyStatus(), 0, 3, rapid.ID).Draw(t, "covers")
		r.Codes = rapid.SliceOfN(anyEntry(), 0, 6).Draw(t, "codes")
		return r
	})
}

func anyStatus() *rapid.Generator[vehicle.CodeStatus] {
	return rapid.SampledFrom([]vehicle.CodeStatus{pending, confirmed, permanent})
}

func anyEntry() *rapid.Generator[vehicle.CodeEntry] {
	codes := []vehicle.Code{
		"P0171", "P0174", "P0300", "P0301", "P0302", "P0351", "P0420", "P0101", "P0172", "P0562", "P0700", "P0730",
		"U0100", "U0101", "U0121", "U0140", "U0155", "U0001", "U1234", "P0AA6", "P0A8D", "C0561", "C0035", "P1234",
		"B1234", "P2FFF", "P0133-11", "", "-11", "x", "U", "p0171",
	}
	return rapid.Custom(func(t *rapid.T) vehicle.CodeEntry {
		e := vehicle.CodeEntry{
			Code:   rapid.SampledFrom(codes).Draw(t, "code"),
			Status: rapid.SampledFrom([]vehicle.CodeStatus{pending, confirmed, permanent, "odd"}).Draw(t, "status"),
		}
		if rapid.Bool().Draw(t, "rated") {
			s := rapid.Uint8().Draw(t, "severity")
			e.Severity = &s
		}
		for range rapid.IntRange(0, 2).Draw(t, "frozen") {
			e.FreezeFrame = append(e.FreezeFrame, vehicle.Reading{
				Signal: rapid.SampledFrom([]vehicle.Signal{vehicle.LowVoltage, vehicle.LongTermTrim1, vehicle.EngineSpeed, vehicle.TraveledDistance}).Draw(t, "signal"),
				Value:  rapid.SampledFrom([]vehicle.Value{vehicle.Number(9.8), vehicle.Number(21), vehicle.Number(750), vehicle.Text("?")}).Draw(t, "value"),
			})
		}
		return e
	})
}
