package diagnosis_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// sparkMonitors are those of a common petrol engine, by one letter each; capital is
// complete.
var sparkMonitors = map[rune]vehicle.Monitor{
	'm': vehicle.MonitorMisfire, 'c': vehicle.MonitorCatalyst, 'e': vehicle.MonitorEvaporativeSystem,
	'o': vehicle.MonitorOxygenSensor, 'h': vehicle.MonitorOxygenSensorHeater, 'n': vehicle.MonitorNOx, 'p': vehicle.MonitorPMFilter,
}

// monitors is a report of readiness alone, minutes after the start: "McEoh".
func monitors(minute int, ecu, letters string) vehicle.CodeReport {
	var complete, incomplete []vehicle.Monitor
	for _, l := range letters {
		if m, ok := sparkMonitors[l]; ok {
			incomplete = append(incomplete, m)
		} else {
			complete = append(complete, sparkMonitors[l-'A'+'a'])
		}
	}
	r := vehicle.NewReadiness(complete, incomplete)
	return vehicle.CodeReport{Time: start.Add(time.Duration(minute) * time.Minute), ECU: ecu, Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Readiness: &r}
}

// listed is readiness with a list of codes: each is recorded.
func listed(minute int, ecu, letters string) vehicle.CodeReport {
	r := monitors(minute, ecu, letters)
	r.Covers = nil
	return r
}

// parked is a vehicle that drives between 6 and 18 h of each day, 50 km an hour.
func parked(from, to time.Time) (float64, bool) {
	km := 0.0
	for at := from; at.Before(to); at = at.Add(10 * time.Minute) {
		if h := at.Sub(start).Hours(); int(h)%24 < 12 {
			km += 50.0 / 6
		}
	}
	return km, true
}

func tell(traces []diagnosis.Trace) (all []string) {
	minute := func(t time.Time) int { return int(t.Sub(start).Minutes()) }
	for _, t := range traces {
		what := map[diagnosis.TraceKind]string{diagnosis.TraceKept: "kept", diagnosis.TraceErased: "reset"}[t.Kind]
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %d-%d %s", t.ECU, minute(t.From), minute(t.To), what)))
	}
	return all
}

// What monitors tell, and what must not look like a reset.
func TestReadinessTraces(t *testing.T) {
	t.Parallel()
	const e = "7E8"
	for name, tt := range map[string]struct {
		reports []vehicle.CodeReport
		want    []string
	}{
		"erased, and on the way again":         {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(65, e, "Mceoh"), monitors(125, e, "MceoH")}, []string{"7E8 0-65 reset"}},
		"erased within an hour":                {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(5, e, "Mceoh"), monitors(65, e, "Mceoh"), monitors(125, e, "Mceoh")}, []string{"7E8 0-5 reset"}},
		"two reports of one hour say so":       {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(65, e, "Mceoh"), monitors(70, e, "MceoH")}, []string{"7E8 0-65 reset"}},
		"with lists, within an hour":           {[]vehicle.CodeReport{listed(0, e, "MCEOH"), listed(10, e, "MCEOH"), listed(20, e, "Mceoh"), listed(30, e, "Mceoh")}, []string{"7E8 10-20 reset"}},
		"on the way again within an hour":      {[]vehicle.CodeReport{listed(0, e, "MCEOH"), monitors(20, e, "Mceoh"), listed(30, e, "MceoH")}, []string{"7E8 0-20 reset"}},
		"with lists, once and all back":        {[]vehicle.CodeReport{listed(0, e, "MCEOH"), listed(20, e, "Mceoh"), listed(30, e, "MCEOH")}, nil},
		"with lists, and all back in an hour":  {[]vehicle.CodeReport{listed(0, e, "MCEOH"), listed(10, e, "MCEOH"), listed(20, e, "Mceoh"), listed(30, e, "Mceoh"), listed(65, e, "MCEOH")}, []string{"7E8 10-65 kept"}},
		"one report before and one after":      {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(59, e, "Mceoh"), monitors(300, e, "Mceoh")}, []string{"7E8 0-59 reset"}},
		"misread, and once more later":         {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(59, e, "Mceoh"), monitors(300, e, "Mceoh"), monitors(360, e, "MCEOH")}, nil},
		"some are complete when it is seen":    {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(900, e, "MceoH"), monitors(960, e, "MceoH")}, []string{"7E8 0-900 reset"}},
		"compression ignition":                 {[]vehicle.CodeReport{monitors(0, e, "MNP"), monitors(65, e, "Mnp"), monitors(125, e, "MnP")}, []string{"7E8 0-65 reset"}},
		"one never completes":                  {[]vehicle.CodeReport{monitors(0, e, "MCeOH"), monitors(65, e, "Mceoh"), monitors(125, e, "Mceoh")}, []string{"7E8 0-65 reset"}},
		"not seen twice yet":                   {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(65, e, "Mceoh")}, nil},
		"misread once":                         {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(65, e, "Mceoh"), monitors(125, e, "MCEOH")}, nil},
		"misread within an hour":               {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(5, e, "Mceoh"), monitors(65, e, "MCEOH")}, []string{"7E8 0-65 kept"}},
		"memory is not loaded at each start":   {[]vehicle.CodeReport{monitors(0, e, "mceoh"), monitors(1, e, "MCEOH"), monitors(60, e, "mceoh"), monitors(61, e, "MCEOH"), monitors(120, e, "mceoh"), monitors(121, e, "MCEOH")}, []string{"7E8 1-121 kept"}},
		"no reports for a while":               {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(300, e, "MCEOH"), monitors(365, e, "MCEOH")}, []string{"7E8 300-365 kept"}},
		"overnight":                            {[]vehicle.CodeReport{monitors(700, e, "MCEOH"), monitors(1440, e, "MCEOH")}, []string{"7E8 700-1440 kept"}},
		"never complete":                       {[]vehicle.CodeReport{monitors(0, e, "Mceoh"), monitors(65, e, "Mceoh"), monitors(125, e, "Mceoh")}, nil},
		"one that flickers":                    {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(65, e, "MCeOH"), monitors(125, e, "MCeOH")}, []string{"7E8 65-125 kept"}},
		"a heater alone":                       {[]vehicle.CodeReport{monitors(0, e, "MceoH"), monitors(65, e, "Mceoh"), monitors(125, e, "Mceoh")}, nil},
		"all that it has is one":               {[]vehicle.CodeReport{monitors(0, e, "MC"), monitors(65, e, "Mc"), monitors(125, e, "Mc")}, []string{"7E8 0-65 reset"}},
		"only what runs all the time":          {[]vehicle.CodeReport{monitors(0, e, "M"), monitors(65, e, "m"), monitors(125, e, "m")}, nil},
		"none supported":                       {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(65, e, ""), monitors(70, e, ""), monitors(125, e, "MCEOH")}, nil},
		"another program":                      {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(65, e, "Mceo"), monitors(125, e, "Mceo")}, nil},
		"one ECU of two is silent":             {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(0, "7E9", "Mcoh"), monitors(65, "7E9", "Mcoh"), monitors(125, "7E9", "Mcoh")}, nil},
		"two ECUs, no headers":                 {[]vehicle.CodeReport{monitors(0, "", "MCEOH"), monitors(1, "", "Mco"), monitors(65, "", "Mco"), monitors(125, "", "Mco"), monitors(126, "", "MCEOH")}, nil},
		"two ECUs, one is erased":              {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(0, "7E9", "CO"), monitors(61, e, "Mceoh"), monitors(61, "7E9", "CO"), monitors(121, e, "Mceoh"), monitors(121, "7E9", "CO")}, []string{"7E8 0-61 reset", "7E9 0-121 kept"}},
		"erased again before it was half done": {[]vehicle.CodeReport{monitors(0, e, "MCEOH"), monitors(61, e, "Mceoh"), monitors(121, e, "MCeoH"), monitors(181, e, "Mceoh"), monitors(241, e, "Mceoh")}, []string{"7E8 0-61 reset", "7E8 121-181 reset"}},
	} {
		_, traces := diagnosis.FoldReadiness(tt.reports, parked)
		if diff := cmp.Diff(tt.want, tell(traces)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// How far the vehicle is, over its ECUs.
func TestReadinessState(t *testing.T) {
	t.Parallel()
	erased := vehicle.CodeReport{Time: hour(40), ECU: "7E8", Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Erased: true}
	elsewhere := erased
	elsewhere.ECU = "7A8"
	two := []vehicle.CodeReport{monitors(0, "7E8", "MCEOH"), monitors(0, "7E9", "MC"), monitors(65, "7E8", "Mceoh"), monitors(125, "7E8", "MceOH"), monitors(126, "7E9", "MC")}
	for name, tt := range map[string]struct {
		reports []vehicle.CodeReport
		want    string
	}{
		"nobody told":         {[]vehicle.CodeReport{full(hour(0))}, "0: [] []"},
		"of two ECUs":         {two, "126: [misfire oxygen_sensor oxygen_sensor_heater] [catalyst evaporative_system], reset 0-65"},
		"one has been silent": {append(two[:5:5], monitors(40*1440, "7E8", "MCEOH")), "57600: [misfire catalyst evaporative_system oxygen_sensor oxygen_sensor_heater] [], reset 0-65"},
		"the ECU said so":     {append(two[:5:5], erased), "126: [misfire oxygen_sensor oxygen_sensor_heater] [catalyst evaporative_system], reset 2400-2400"},
		"another ECU said so": {append(two[:5:5], elsewhere), "126: [misfire oxygen_sensor oxygen_sensor_heater] [catalyst evaporative_system], reset 0-65"},
	} {
		r, _ := diagnosis.FoldReadiness(tt.reports, parked)
		minute := func(at time.Time) int {
			if at.IsZero() {
				return 0
			}
			return int(at.Sub(start).Minutes())
		}
		got := fmt.Sprintf("%d: %v %v", minute(r.At), r.Complete, r.Incomplete)
		if !r.ResetBy.IsZero() {
			got += fmt.Sprintf(", reset %d-%d", minute(r.ResetAfter), minute(r.ResetBy))
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

// Whose monitors tell of whose codes.
func TestWhoErasedByReadiness(t *testing.T) {
	t.Parallel()
	codes := func(ecu string) []vehicle.CodeReport {
		var all []vehicle.CodeReport
		for h := range 5 {
			r := full(hour(h))
			if r.ECU = ecu; h < 2 {
				r.Codes = []vehicle.CodeEntry{code("P0171", confirmed)}
			}
			all = append(all, r)
		}
		return all
	}
	tool := []vehicle.CodeReport{monitors(61, "7E8", "MCEOH"), monitors(119, "7E8", "Mceoh"), monitors(181, "7E8", "Mceoh")}
	kept := []vehicle.CodeReport{monitors(1, "7E8", "MCEOH"), monitors(61, "7E8", "MCEOH"), monitors(121, "7E8", "MCEOH")}
	for name, tt := range map[string]struct {
		ecu      string
		monitors []vehicle.CodeReport
		visit    bool
		want     diagnosis.Eraser
	}{
		"its own were reset":                    {"7E8", tool, false, diagnosis.ByTool},
		"reset at a visit":                      {"7E8", tool, true, diagnosis.ByWorkshop},
		"its own stayed":                        {"7E8", kept, false, diagnosis.ByItself},
		"another's were reset, it has none":     {"7EA", tool, false, diagnosis.ByTool},
		"no name of the ECU, another's reset":   {"", tool, false, diagnosis.ByTool},
		"another's stayed, it has none":         {"7EA", kept, false, ""},
		"another's were reset, its own stayed":  {"7E8", append(kept[:3:3], monitors(61, "7E9", "MCO"), monitors(119, "7E9", "Mco"), monitors(181, "7E9", "Mco")), false, diagnosis.ByItself},
		"lost for one moment":                   {"7E8", append(kept[:3:3], monitors(119, "7E8", "Mceoh")), false, diagnosis.ByItself},
		"reset long before the code went":       {"7E8", []vehicle.CodeReport{monitors(-200, "7E8", "MCEOH"), monitors(-139, "7E8", "Mceoh"), monitors(0, "7E8", "Mceoh"), monitors(181, "7E8", "Mceoh")}, false, ""},
		"reset after the code went":             {"7E8", []vehicle.CodeReport{monitors(1, "7E8", "MCEOH"), monitors(121, "7E8", "MCEOH"), monitors(181, "7E8", "Mceoh"), monitors(241, "7E8", "Mceoh")}, false, ""},
		"in the workshop, and nothing was lost": {"7E8", kept, true, diagnosis.ByItself},
	} {
		reports := append(codes(tt.ecu), tt.monitors...)
		_, traces := diagnosis.FoldReadiness(reports, parked)
		if tt.visit {
			traces = append(traces, workshop(1, 2))
		}
		states := diagnosis.FoldCodes(reports, traces...)
		if len(states) != 1 || states[0].Active || len(states[0].Steps) != 2 {
			t.Fatalf("%s: %+v", name, states)
		}
		last := states[0].Steps[1]
		if last.By != tt.want || (last.Why.EN == "") != (tt.want == "") || (last.Why.ZH == "") != (tt.want == "") {
			t.Errorf("%s: by %q (%s), want %q", name, last.By, last.Why.EN, tt.want)
		}
	}
}

// Order, copies and repetitions that were recorded beside the first of an hour change
// nothing.
func TestReadinessInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var reports []vehicle.CodeReport
		for range rapid.IntRange(1, 25).Draw(t, "reports") {
			reports = append(reports, monitors(rapid.IntRange(0, 1500).Draw(t, "minute"),
				rapid.SampledFrom([]string{"", "7E8", "7E9"}).Draw(t, "ecu"),
				rapid.SampledFrom([]string{"MCEOH", "Mceoh", "MceoH", "MCeOH", "mceoh", "MCO", "Mco", ""}).Draw(t, "letters")))
		}
		type result struct {
			Readiness diagnosis.Readiness
			Traces    []diagnosis.Trace
		}
		fold := func(reports []vehicle.CodeReport) result {
			r, traces := diagnosis.FoldReadiness(reports, parked)
			return result{r, traces}
		}
		want := fold(reports)
		mixed := slices.Clone(reports)
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(reports)-1), 0, 10).Draw(t, "again") {
			again := reports[i]
			hourEnd := again.Time.Truncate(time.Hour).Add(time.Hour)
			again.Time = again.Time.Add(time.Duration(rapid.Int64Range(0, int64(hourEnd.Sub(again.Time)-1)).Draw(t, "later")))
			mixed = append(mixed, again)
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if diff := cmp.Diff(want, fold(mixed)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		for _, trace := range want.Traces {
			if trace.To.Before(trace.From) || trace.Why.EN == "" || trace.Why.ZH == "" {
				t.Fatalf("%+v", trace)
			}
		}
	})
}
