package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func withUDS(c vehicle.Code, s vehicle.CodeStatus, bits uint8) vehicle.CodeEntry {
	return vehicle.CodeEntry{Code: c, Status: s, UDS: &bits}
}

func counter(from, to int, erased bool) diagnosis.Trace {
	t := diagnosis.Trace{Kind: diagnosis.TraceKept, From: hour(from), To: hour(to), Why: lang.Text{EN: "counter", ZH: "计数"}}
	if erased {
		t.Kind = diagnosis.TraceErased
	}
	return t
}

func workshop(from, to int) diagnosis.Trace {
	return diagnosis.Trace{Kind: diagnosis.TraceWorkshop, From: hour(from), To: hour(to), Why: lang.Text{EN: "visit", ZH: "进厂"}}
}

// Who took a code away, as far as it shows.
func TestLifeOfACode(t *testing.T) {
	t.Parallel()
	gone := func(from int) []vehicle.CodeReport {
		return []vehicle.CodeReport{full(hour(from)), full(hour(from + 1)), full(hour(from + 2))}
	}
	once := slices.Clip(append(gone(3), full(hour(0), code("P0171", pending)), full(hour(2), code("P0171", confirmed))))
	said04 := vehicle.CodeReport{Time: hour(2).Add(time.Minute), ECU: "7E8", Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Erased: true}
	elsewhere := said04
	elsewhere.ECU = "7E9"
	up := []string{"pending 0", "confirmed 2"}
	tests := map[string]struct {
		reports []vehicle.CodeReport
		traces  []diagnosis.Trace
		want    []string
	}{
		"nothing shows it":               {once, nil, append(up, "gone 3")},
		"the counter began again":        {once, []diagnosis.Trace{counter(2, 3, true)}, append(up, "gone 3 tool")},
		"began again in a longer gap":    {once, []diagnosis.Trace{counter(1, 9, true)}, append(up, "gone 3 tool")},
		"began again before":             {once, []diagnosis.Trace{counter(0, 1, true)}, append(up, "gone 3")},
		"began again after":              {once, []diagnosis.Trace{counter(4, 5, true)}, append(up, "gone 3")},
		"the counter went on":            {once, []diagnosis.Trace{counter(0, 9, false)}, append(up, "gone 3 itself")},
		"the counter was not seen after": {once, []diagnosis.Trace{counter(0, 2, false)}, append(up, "gone 3")},
		"in the workshop":                {once, []diagnosis.Trace{workshop(2, 5)}, append(up, "gone 3 workshop")},
		"in the workshop, and erased":    {once, []diagnosis.Trace{workshop(2, 5), counter(2, 3, true)}, append(up, "gone 3 workshop")},
		"in the workshop, and kept":      {once, []diagnosis.Trace{workshop(2, 5), counter(0, 9, false)}, append(up, "gone 3 itself")},
		"one counter of two began again": {once, []diagnosis.Trace{counter(0, 9, false), counter(2, 3, true)}, append(up, "gone 3 tool")},
		"service 04":                     {append(once, said04), nil, append(up, "gone 3 tool")},
		"service 04 of another module":   {append(once, elsewhere), nil, append(up, "gone 3")},
		"status byte: not tested since":  {append(gone(4), full(hour(0), withUDS("P0171", confirmed, 0x2F)), full(hour(3), withUDS("P0171", vehicle.CodeHistory, 0x50))), nil, []string{"confirmed 0", "gone 3 tool"}},
		"status byte: failed, and passed": {append(gone(4), full(hour(0), withUDS("P0171", confirmed, 0x2F)), full(hour(3), withUDS("P0171", vehicle.CodeHistory, 0x20))),
			nil, []string{"confirmed 0", "gone 3 itself"}},
		"a permanent code is left, and goes by itself": {
			[]vehicle.CodeReport{
				full(hour(0), code("P0171", confirmed), code("P0171", permanent)),
				full(hour(2), code("P0171", permanent)), full(hour(3), code("P0171", permanent)), full(hour(4), code("P0171", permanent)),
				full(hour(8)), full(hour(9)), full(hour(10)),
			},
			[]diagnosis.Trace{counter(0, 2, true)}, []string{"permanent 0", "permanent 2 tool", "gone 8 itself"},
		},
		"a confirmed code is erased, and pending at once": {
			[]vehicle.CodeReport{
				full(hour(0), code("P0171", confirmed)), full(hour(2), code("P0171", pending)),
				full(hour(3), code("P0171", pending)), full(hour(4), code("P0171", pending)),
			},
			[]diagnosis.Trace{counter(1, 2, true)}, []string{"confirmed 0", "pending 2 tool"},
		},
		"erased, and back before it counted as gone": {
			[]vehicle.CodeReport{full(hour(0), code("P0171", confirmed)), full(hour(2)), full(hour(3), code("P0171", pending)), full(hour(4), code("P0171", confirmed))},
			[]diagnosis.Trace{counter(0, 2, true)}, []string{"confirmed 0", "gone 2 tool", "pending 3", "confirmed 4"},
		},
		"it flickers, and codes were erased before": {
			[]vehicle.CodeReport{full(hour(1), code("P0171", confirmed)), full(hour(2)), full(hour(3), code("P0171", confirmed))},
			[]diagnosis.Trace{counter(-2, 0, true)}, []string{"confirmed 1"},
		},
		"one status in a list: permanent is confirmed, too": {
			[]vehicle.CodeReport{
				full(hour(0), code("P0171", confirmed)), full(hour(2), code("P0171", permanent)), full(hour(3), code("P0171", permanent)),
				full(hour(4), code("P0171", permanent)), full(hour(5), code("P0171", permanent)),
			},
			[]diagnosis.Trace{counter(0, 9, false)}, []string{"confirmed 0", "permanent 2"},
		},
		"one status in a list, and erased": {
			[]vehicle.CodeReport{
				full(hour(0), code("P0171", confirmed)), full(hour(2), code("P0171", permanent)), full(hour(3), code("P0171", permanent)),
			},
			[]diagnosis.Trace{counter(0, 2, true)}, []string{"confirmed 0", "permanent 2", "permanent 2 tool"},
		},
		"promoted while codes were erased": {
			[]vehicle.CodeReport{full(hour(0), code("P0171", pending)), full(hour(2), code("P0171", confirmed)), full(hour(3), code("P0171", confirmed))},
			[]diagnosis.Trace{counter(0, 2, true)}, []string{"pending 0", "confirmed 2"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := diagnosis.FoldCodes(tt.reports, tt.traces...)
			if len(got) != 1 {
				t.Fatalf("%d states", len(got))
			}
			var steps []string
			for _, s := range got[0].Steps {
				text := string(s.Status) + " " + s.At.Sub(start).Truncate(time.Hour).String()[:1]
				if s.By != "" {
					text += " " + string(s.By)
				}
				if (s.By == "") != s.Why.IsZero() || (s.Why.EN == "") != (s.Why.ZH == "") {
					t.Errorf("%s, because %+v", text, s.Why)
				}
				steps = append(steps, text)
			}
			if diff := cmp.Diff(tt.want, steps); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

// A code that one list misses is not gone, and who seems to have ended it can be told.
func TestHowACodeSeemsToEnd(t *testing.T) {
	t.Parallel()
	missed := []vehicle.CodeReport{full(hour(0), code("P0171", pending), code("P0171", confirmed)), full(hour(2))}
	for name, tt := range map[string]struct {
		reports []vehicle.CodeReport
		traces  []diagnosis.Trace
		want    diagnosis.Step
	}{
		"nothing shows it": {missed, nil, diagnosis.Step{Status: diagnosis.CodeGone, At: hour(2), Lost: confirmed}},
		"erased":           {missed, []diagnosis.Trace{counter(0, 2, true)}, diagnosis.Step{Status: diagnosis.CodeGone, At: hour(2), Lost: confirmed, By: diagnosis.ByTool, Why: lang.Text{EN: "counter", ZH: "计数"}}},
		"there":            {missed[:1], []diagnosis.Trace{counter(0, 2, true)}, diagnosis.Step{}},
		"gone":             {append(missed[:2:2], full(hour(3)), full(hour(4))), nil, diagnosis.Step{}},
	} {
		got := diagnosis.FoldCodes(tt.reports, tt.traces...)
		if diff := cmp.Diff(tt.want, got[0].Ending); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Devices ask for the lamp and for codes one by one.
func TestLampToldApart(t *testing.T) {
	t.Parallel()
	lamp := func(at time.Time, ecu string, on bool) vehicle.CodeReport {
		return vehicle.CodeReport{Time: at, ECU: ecu, Covers: []vehicle.CodeStatus{vehicle.CoversNone}, MIL: &on}
	}
	listed := full(hour(1), code("P0171", confirmed))
	for name, tt := range map[string]struct {
		reports []vehicle.CodeReport
		want    bool
	}{
		"never told":      {[]vehicle.CodeReport{listed}, false},
		"told before":     {[]vehicle.CodeReport{lamp(hour(0), "7E8", true), listed}, true},
		"went out":        {[]vehicle.CodeReport{lamp(hour(0), "7E8", true), lamp(hour(0).Add(time.Minute), "7E8", false), listed}, false},
		"of another ECU":  {[]vehicle.CodeReport{lamp(hour(0), "7E9", true), listed}, false},
		"told afterwards": {[]vehicle.CodeReport{lamp(hour(2), "7E8", true), listed}, false},
	} {
		if got := diagnosis.FoldCodes(tt.reports); got[0].MIL != tt.want {
			t.Errorf("%s: lamp %v, want %v", name, got[0].MIL, tt.want)
		}
	}
}

// Whatever order reports and traces come in, and however often, a life is the same; its
// steps are in order of time, the last one says what the code is, and only steps down
// are somebody's.
func TestLifeIsTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		reports := rapid.SliceOfN(anyReport(), 1, 25).Draw(t, "reports")
		for i := range reports {
			reports[i].Erased = rapid.IntRange(0, 9).Draw(t, "erased") == 0
			for k := range reports[i].Codes {
				if rapid.Bool().Draw(t, "uds") {
					bits := rapid.Uint8().Draw(t, "bits")
					reports[i].Codes[k].UDS = &bits
				}
			}
		}
		traces := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) diagnosis.Trace {
			from := rapid.IntRange(0, 4).Draw(t, "from")
			tr := counter(from, from+rapid.IntRange(0, 3).Draw(t, "hours"), false)
			tr.Kind = rapid.SampledFrom([]diagnosis.TraceKind{diagnosis.TraceKept, diagnosis.TraceErased, diagnosis.TraceWorkshop}).Draw(t, "kind")
			return tr
		}), 0, 6).Draw(t, "traces")
		states := diagnosis.FoldCodes(reports, traces...)
		again := diagnosis.FoldCodes(
			rapid.Permutation(slices.Concat(reports, reports)).Draw(t, "shuffled reports"),
			rapid.Permutation(slices.Concat(traces, traces)).Draw(t, "shuffled traces")...)
		if diff := cmp.Diff(states, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("order or copies changed the lives:\n%s", diff)
		}
		rank := map[vehicle.CodeStatus]int{diagnosis.CodeGone: 0, pending: 1, confirmed: 2, permanent: 3}
		for _, s := range states {
			lives := [][]diagnosis.Step{s.Steps}
			for _, o := range s.Earlier {
				lives = append(lives, o.Steps)
			}
			for _, steps := range lives {
				if len(steps) == 0 {
					t.Fatalf("a life without a step: %+v", s)
				}
				for i, step := range steps[1:] {
					if steps[i].Status == diagnosis.CodeGone && steps[i].By == "" {
						t.Fatalf("nobody erased it: %+v", steps)
					}
					if step.At.Before(steps[i].At) || step.Status == steps[i].Status && step.Lost != confirmed || step.By != "" && rank[step.Status] > rank[steps[i].Status] {
						t.Fatalf("%+v after %+v", step, steps[i])
					}
				}
			}
			last := s.Steps[len(s.Steps)-1]
			if s.Active && last.Status != s.Status || !s.Active && (last.Status != diagnosis.CodeGone || !last.At.Equal(s.ClearedAt)) || !s.Steps[0].At.Equal(s.FirstSeen) {
				t.Fatalf("the life does not fit the state: %+v", s)
			}
		}
	})
}
