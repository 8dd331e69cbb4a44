package diagnosis_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const vin vehicle.VIN = "LSVAA4182E2123456"

// state is a confirmed code, active since the start of the test.
func state(c vehicle.Code, change ...func(*diagnosis.CodeState)) diagnosis.CodeState {
	s := diagnosis.CodeState{
		Code: c, ECU: "7E8", Status: confirmed, Active: true, FirstSeen: start, LastSeen: hour(5), Cycles: 3, Occurrences: 1,
	}
	for _, f := range change {
		f(&s)
	}
	return s
}

func onlyPending(cycles int) func(*diagnosis.CodeState) {
	return func(s *diagnosis.CodeState) { s.Status, s.Cycles = pending, cycles }
}

func since(at time.Time) func(*diagnosis.CodeState) {
	return func(s *diagnosis.CodeState) { s.FirstSeen, s.LastSeen = at, at }
}

func rated(severity uint8) func(*diagnosis.CodeState) {
	return func(s *diagnosis.CodeState) { s.Severity = &severity }
}

func frozen(signal vehicle.Signal, value float64) func(*diagnosis.CodeState) {
	return func(s *diagnosis.CodeState) {
		s.FreezeFrame = append(s.FreezeFrame, vehicle.Reading{Signal: signal, Value: vehicle.Number(value)})
	}
}

func petrol(codes ...diagnosis.CodeState) diagnosis.Input {
	return diagnosis.Input{VIN: vin, Powertrain: vehicle.Petrol, Now: hour(6), Codes: codes}
}

// families names what was found, in order of urgency.
func families(findings []diagnosis.Finding) []string {
	var keys []string
	for _, f := range findings {
		keys = append(keys, f.Family)
	}
	return keys
}

// only returns the one finding there has to be.
func only(t *testing.T, findings []diagnosis.Finding, family string) diagnosis.Finding {
	t.Helper()
	if got := families(findings); !slices.Equal(got, []string{family}) {
		t.Fatalf("findings %v, want %s alone", got, family)
	}
	return findings[0]
}

func TestGroupingRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		codes []diagnosis.CodeState
		want  []string
	}{
		{"both banks lean are one job (R2)", []diagnosis.CodeState{state("P0171"), state("P0174")}, []string{"fuel_lean"}},
		{"random misfire belongs to lean (R3)", []diagnosis.CodeState{state("P0171"), state("P0174"), state("P0300")}, []string{"fuel_lean"}},
		{"random misfire belongs to rich (R3)", []diagnosis.CodeState{state("P0172"), state("P0300")}, []string{"fuel_rich"}},
		{"cylinder before random misfire (R3)", []diagnosis.CodeState{state("P0300"), state("P0303")}, []string{"misfire_cylinder"}},
		{"one cylinder upsets the mixture reading", []diagnosis.CodeState{state("P0300"), state("P0303"), state("P0171")}, []string{"misfire_cylinder"}},
		{"several cylinders follow the mixture", []diagnosis.CodeState{state("P0301"), state("P0304"), state("P0171"), state("P0300")}, []string{"fuel_lean"}},
		{"coil circuit explains its cylinder", []diagnosis.CodeState{state("P0352"), state("P0302"), state("P0300")}, []string{"ignition_coil"}},
		{"coil circuit does not explain another cylinder", []diagnosis.CodeState{state("P0352"), state("P0303")}, []string{"ignition_coil", "misfire_cylinder"}},
		{"injector circuit explains its cylinder and the mixture", []diagnosis.CodeState{state("P0204"), state("P0304"), state("P0171")}, []string{"injector_circuit"}},
		{"air meter explains the mixture", []diagnosis.CodeState{state("P0101"), state("P0171"), state("P0300")}, []string{"air_meter"}},
		{"catalyst waits for misfire (R3)", []diagnosis.CodeState{state("P0420"), state("P0302")}, []string{"misfire_cylinder"}},
		{"catalyst waits for mixture (R3)", []diagnosis.CodeState{state("P0430"), state("P0172")}, []string{"fuel_rich"}},
		{"catalyst alone stands", []diagnosis.CodeState{state("P0420")}, []string{"catalyst"}},
		{"pointer alone is no job (R4)", []diagnosis.CodeState{state("P0700")}, nil},
		{"pointer belongs to what it points to (R4)", []diagnosis.CodeState{state("P0700"), state("P0730")}, []string{"transmission_slip"}},
		{"chassis pointer is no job (R4)", []diagnosis.CodeState{state("C0561"), state("P0128")}, []string{"thermostat"}},
		{"pending in one cycle is observed (R10)", []diagnosis.CodeState{state("P0128", onlyPending(1))}, nil},
		{"pending in two cycles is a finding (R10)", []diagnosis.CodeState{state("P0128", onlyPending(2))}, []string{"thermostat"}},
		{"cleared is no finding (R11)", []diagnosis.CodeState{state("P0128", func(s *diagnosis.CodeState) { s.Active = false })}, nil},
		{"two network codes stay apart", []diagnosis.CodeState{state("U0100"), state("U0121")}, []string{"abs_unit", "lost_powertrain_module"}},
		{"network codes at once are one network fault", []diagnosis.CodeState{state("U0100"), state("U0121"), state("U0140"), state("U1234")}, []string{"can_bus"}},
		{"network codes hours apart are not", []diagnosis.CodeState{state("U0100"), state("U0121", since(hour(1))), state("U0140", since(hour(2)))}, []string{"abs_unit", "lost_powertrain_module", "lost_module"}},
		{"unrelated faults are separate jobs", []diagnosis.CodeState{state("P0128"), state("P0456"), state("C0710")}, []string{"steering_angle", "evap_small", "thermostat"}},
		{"unknown codes by kind", []diagnosis.CodeState{state("P2FFF"), state("P2FFE"), state("P1234"), state("B1800")}, []string{"unknown_b_maker", "unknown_p", "unknown_p_maker"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, families(diagnosis.Evaluate(petrol(tt.codes...)))); diff != "" {
				t.Errorf("families (-want +got):\n%s", diff)
			}
		})
	}
}

// A vacuum leak: lean on both banks, trims far up at idle, misfire pending.
func TestVacuumLeakIsOneJobWithTheLeakFirst(t *testing.T) {
	t.Parallel()
	in := petrol(
		state("P0171", frozen(vehicle.EngineSpeed, 760), frozen(vehicle.LongTermTrim1, 21), frozen(vehicle.LongTermTrim2, 19)),
		state("P0174"), state("P0300", onlyPending(2)),
	)
	f := only(t, diagnosis.Evaluate(in), "fuel_lean")
	if diff := cmp.Diff([]vehicle.Code{"P0171", "P0174", "P0300"}, f.Codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if f.Drivability != diagnosis.Soon {
		t.Errorf("call %q, want soon", f.Drivability)
	}
	top := f.Causes[0]
	if !strings.Contains(top.Text.EN, "leak in the intake") || top.Share < 0.6 {
		t.Errorf("first cause %q with %v", top.Text.EN, top.Share)
	}
	for _, fact := range []string{"P0171 and P0174 together", "+21 % and +19 % at idle"} {
		if !strings.Contains(top.Reason.EN, fact) {
			t.Errorf("reason %q does not name %q", top.Reason.EN, fact)
		}
	}
	if !strings.Contains(f.FirstCheck.EN, "Smoke test") {
		t.Errorf("first check %q, want a smoke test", f.FirstCheck.EN)
	}
	if op := f.Operations[0]; op.Code != "AIR-10" || op.HoursMin > 0.8 || op.HoursMax < 0.8 {
		t.Errorf("first operation %+v, want the smoke test at about 0.8 h", op)
	}
	if !strings.Contains(f.Parts[0].Name.EN, "hose") {
		t.Errorf("first part %q, want hoses", f.Parts[0].Name.EN)
	}
}

// A sagging battery: nine modules lose each other within a minute.
func TestVoltageDipExplainsNineNetworkCodes(t *testing.T) {
	t.Parallel()
	nine := []vehicle.Code{"U0100", "U0101", "U0121", "U0131", "U0140", "U0151", "U0155", "U0164", "U1900"}
	var codes []diagnosis.CodeState
	for i, c := range nine {
		codes = append(codes, state(c, since(start.Add(time.Duration(i*6)*time.Second)), onlyPending(1)))
	}
	byCode := petrol(append(codes, state("P0562"))...)
	bySignal := petrol(codes...)
	bySignal.Signals = map[vehicle.Signal]diagnosis.Reading{vehicle.LowVoltage: {Value: 9.6, At: start.Add(20 * time.Second)}}
	byDip := petrol(codes...)
	byDip.Dips = []diagnosis.Reading{{Value: 9.6, At: start.Add(20 * time.Second)}}
	byFrame := petrol(codes...)
	byFrame.Codes[0].FreezeFrame = []vehicle.Reading{{Signal: vehicle.LowVoltage, Value: vehicle.Number(9.6)}}
	for name, in := range map[string]diagnosis.Input{"voltage code": byCode, "newest value": bySignal, "known dip": byDip, "freeze frame": byFrame} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := diagnosis.Assess(in)
			f := only(t, a.Findings, "system_voltage")
			evidence := 0
			for _, e := range f.Evidence {
				if e.Kind == "code" && strings.HasPrefix(e.Ref, "U") {
					evidence++
				}
			}
			if evidence != len(nine) || len(a.Observed) != 0 {
				t.Errorf("%d network codes as evidence and %d observed, want nine and none", evidence, len(a.Observed))
			}
			if f.Drivability != diagnosis.Soon {
				t.Errorf("call %q, want soon", f.Drivability)
			}
		})
	}
}

func TestDipNeedsThreeCodesWithinAMinute(t *testing.T) {
	t.Parallel()
	in := petrol(state("P0562"), state("U0100"), state("U0101"), state("U0140", since(start.Add(61*time.Second))))
	got := families(diagnosis.Evaluate(in))
	want := []string{"lost_powertrain_module", "system_voltage", "lost_module"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
}

func TestSupplyOfAHybridIsItsConverter(t *testing.T) {
	t.Parallel()
	in := petrol(state("P0A8D"), state("U0100"), state("U0140"), state("U0155"))
	in.Powertrain = vehicle.Hybrid
	only(t, diagnosis.Evaluate(in), "dcdc_supply")
}

func TestBatteryElectricHasNoAlternator(t *testing.T) {
	t.Parallel()
	in := petrol(state("P0562"))
	in.Powertrain = vehicle.BatteryElectric
	f := only(t, diagnosis.Evaluate(in), "system_voltage")
	for _, c := range f.Causes {
		if strings.Contains(c.Text.EN, "Alternator") {
			t.Errorf("cause %q on a battery-electric car", c.Text.EN)
		}
	}
	for _, o := range f.Operations {
		if o.Code == "ALT-10" {
			t.Errorf("operation %q on a battery-electric car", o.Text.EN)
		}
	}
}

func TestDeferredCatalystSaysSo(t *testing.T) {
	t.Parallel()
	f := only(t, diagnosis.Evaluate(petrol(state("P0420"), state("P0302"))), "misfire_cylinder")
	if !slices.ContainsFunc(f.Evidence, func(e diagnosis.Evidence) bool {
		return e.Ref == "P0420" && strings.Contains(e.Text.EN, "deferred") && strings.Contains(e.Text.ZH, "暂缓")
	}) {
		t.Errorf("no deferred P0420 in %+v", f.Evidence)
	}
}

func TestObservedCodesSayWhy(t *testing.T) {
	t.Parallel()
	gone := func(s *diagnosis.CodeState) { s.MissingSince = start.Add(-15 * 24 * time.Hour) }
	a := diagnosis.Assess(petrol(state("P0128", onlyPending(1)), state("P0456", gone), state("P0700")))
	want := map[vehicle.Code]string{"P0128": "one driving cycle", "P0456": "reported gone", "P0700": "another module"}
	if len(a.Findings) != 0 || len(a.Observed) != len(want) {
		t.Fatalf("%d findings and %d observed codes, want none and three", len(a.Findings), len(a.Observed))
	}
	for _, o := range a.Observed {
		if !strings.Contains(o.Reason.EN, want[o.Code]) || o.Reason.ZH == "" {
			t.Errorf("%s is observed because %q", o.Code, o.Reason.EN)
		}
	}
}

func TestCausesFollowTheEvidence(t *testing.T) {
	t.Parallel()
	aged := func(c predict.Component) func(*diagnosis.Input) {
		return func(in *diagnosis.Input) {
			in.Forecasts = []predict.Forecast{{Component: c, State: predict.Stale, Wear: predict.Quantiles{P10: 0.8, P50: 0.95, P90: 1.1}}}
		}
	}
	newest := func(s vehicle.Signal, v float64) func(*diagnosis.Input) {
		return func(in *diagnosis.Input) {
			if in.Signals == nil {
				in.Signals = map[vehicle.Signal]diagnosis.Reading{}
			}
			in.Signals[s] = diagnosis.Reading{Value: v, At: hour(5)}
		}
	}
	tests := []struct {
		name   string
		code   diagnosis.CodeState
		more   []func(*diagnosis.Input)
		cause  string
		reason string
	}{
		{"lean on one bank under load is not the intake", state("P0171", frozen("Vehicle.OBD.EngineLoad", 82)), nil, "Fuel filter or pump", "82 % load"},
		{"lean on one bank with one trim off is the exhaust side", state("P0171", frozen(vehicle.LongTermTrim1, 22), frozen(vehicle.LongTermTrim2, 1)), nil, "Exhaust leak", "+22 % and +1 %"},
		{"old plugs misfire", state("P0300"), []func(*diagnosis.Input){aged(predict.SparkPlugs)}, "Worn spark plugs", "95 % of its limit"},
		{"extra air misfires", state("P0300", frozen(vehicle.LongTermTrim1, 14), frozen(vehicle.EngineSpeed, 700)), nil, "Air leak", "+14 % at idle"},
		{"oil before the phaser (R5)", state("P0011"), []func(*diagnosis.Input){aged(predict.EngineOil)}, "Oil level, grade or age", "do the oil service first"},
		{"nothing charges", state("P0562"), []func(*diagnosis.Input){newest(vehicle.LowVoltage, 12.1), newest(vehicle.EngineSpeed, 900)}, "Alternator", "12.1 V while running"},
		{"an old battery sags", state("P0562"), []func(*diagnosis.Input){aged(predict.Battery12V)}, "Battery worn", "near its end"},
		{"an empty pack", state("P0A7D"), []func(*diagnosis.Input){newest(vehicle.TractionSoC, 4)}, "Deep discharge", "4 %"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := petrol(tt.code)
			for _, change := range tt.more {
				change(&in)
			}
			f := diagnosis.Evaluate(in)[0]
			if !strings.Contains(f.Causes[0].Text.EN, tt.cause) || !strings.Contains(f.Causes[0].Reason.EN, tt.reason) {
				t.Errorf("first cause %q because %q, want %q because %q", f.Causes[0].Text.EN, f.Causes[0].Reason.EN, tt.cause, tt.reason)
			}
		})
	}
}

func TestRecentWorkComesFirst(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		code      vehicle.Code
		component predict.Component
		days      int
		want      bool
	}{
		{"tyres before a steering angle code (R7)", "C0710", predict.Tyres, 3, true},
		{"pads before a wheel speed code (R7)", "C0035", predict.BrakePadsFront, 13, true},
		{"pads long before", "C0035", predict.BrakePadsFront, 15, false},
		{"pack work before an interlock code (R8)", "P0A0D", predict.TractionBattery, 6, true},
		{"pack work more than a week before", "P0A0D", predict.TractionBattery, 8, false},
		{"work after the code", "C0710", predict.Tyres, -1, false},
		{"unrelated work", "C0710", predict.CabinFilter, 3, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := petrol(state(tt.code))
			in.Services = []predict.Service{{Component: tt.component, Time: start.AddDate(0, 0, -tt.days), RecordID: "rec-7"}}
			f := diagnosis.Evaluate(in)[0]
			first := strings.HasPrefix(f.Causes[0].Text.EN, "Recent work") && strings.Contains(f.FirstCheck.EN, "last visit")
			noted := slices.ContainsFunc(f.Evidence, func(e diagnosis.Evidence) bool { return e.Kind == "service" && e.Ref == "rec-7" })
			if first != tt.want || noted != tt.want {
				t.Errorf("recent work first %v, as evidence %v, want %v; causes %+v", first, noted, tt.want, f.Causes)
			}
		})
	}
}

func TestDrivability(t *testing.T) {
	t.Parallel()
	hot := func(in *diagnosis.Input) {
		in.Signals = map[vehicle.Signal]diagnosis.Reading{vehicle.CoolantTemperature: {Value: 121, At: hour(5)}}
	}
	sagging := func(in *diagnosis.Input) {
		in.Signals = map[vehicle.Signal]diagnosis.Reading{
			vehicle.LowVoltage: {Value: 11.2, At: hour(5)}, vehicle.Speed: {Value: 60, At: hour(5)},
		}
	}
	parked := func(in *diagnosis.Input) {
		in.Signals = map[vehicle.Signal]diagnosis.Reading{
			vehicle.LowVoltage: {Value: 11.2, At: hour(5)}, vehicle.Speed: {Value: 0, At: hour(5)},
		}
	}
	old := func(in *diagnosis.Input) { hot(in); in.Now = hour(5).Add(25 * time.Hour) }
	lamp := func(s *diagnosis.CodeState) { s.MIL = true }
	tests := []struct {
		name string
		code diagnosis.CodeState
		more func(*diagnosis.Input)
		want diagnosis.Drivability
		why  string
	}{
		{"the table where the car says nothing", state("P0420"), nil, diagnosis.Monitor, "no danger"},
		{"check immediately", state("P0302", rated(0x80)), nil, diagnosis.Stop, "0x80"},
		{"check at next halt", state("P0420", rated(0x41)), nil, diagnosis.Soon, "0x40"},
		{"maintenance only", state("P0171", rated(0x20)), nil, diagnosis.Monitor, "0x20"},
		{"severity without a rating", state("P0171", rated(0x02)), nil, diagnosis.Soon, "lean"},
		{"high voltage is not talked down", state("P0AA6", rated(0x20)), nil, diagnosis.Stop, "electric shock"},
		{"high voltage is talked up", state("P0A80", rated(0x80)), nil, diagnosis.Stop, "0x80"},
		{"a live value raises it", state("P0117"), hot, diagnosis.Stop, "121 °C"},
		{"an old value does not", state("P0117"), old, diagnosis.Soon, "overheating"},
		{"12 V failing on the road", state("P0562"), sagging, diagnosis.Stop, "11.2 V"},
		{"12 V low when parked", state("P0562"), parked, diagnosis.Soon, "start"},
		{"hot transmission", state("P0218"), nil, diagnosis.Stop, "cool"},
		{"transmission sensor", state("P0840"), nil, diagnosis.Soon, "clutches"},
		{"unknown code without a lamp", state("P2FFF"), nil, diagnosis.Monitor, "no warning lamp"},
		{"unknown code with the lamp on", state("P2FFF", lamp), nil, diagnosis.Soon, "warning lamp on"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := petrol(tt.code)
			if tt.more != nil {
				tt.more(&in)
			}
			f := diagnosis.Evaluate(in)[0]
			if f.Drivability != tt.want || !strings.Contains(f.Why.EN, tt.why) {
				t.Errorf("%s because %q, want %s because %q", f.Drivability, f.Why.EN, tt.want, tt.why)
			}
		})
	}
}

func TestUnknownCodesAreHonest(t *testing.T) {
	t.Parallel()
	f := only(t, diagnosis.Evaluate(petrol(state("P1234"), state("P1235"))), "unknown_p_maker")
	if len(f.Codes) != 2 || f.Confidence > 0.3 || !strings.Contains(f.Detail.EN, "this make") {
		t.Errorf("codes %v, confidence %v, detail %q", f.Codes, f.Confidence, f.Detail.EN)
	}
	if known := only(t, diagnosis.Evaluate(petrol(state("P1626"))), "immobiliser"); known.Confidence > 0.5 {
		t.Errorf("confidence %v in a maker's code without the make", known.Confidence)
	}
}

// The id and the cycle stay while the trouble lasts, whichever code of the
// family comes or goes, and change when it comes back.
func TestFindingKeepsItsIdentity(t *testing.T) {
	t.Parallel()
	both := []vehicle.CodeReport{
		full(hour(0), code("P0171", confirmed)),
		full(hour(30), code("P0171", confirmed), code("P0174", confirmed)),
	}
	firstGone := []vehicle.CodeReport{full(hour(40), code("P0174", confirmed)), full(hour(50), code("P0174", confirmed)), full(hour(60), code("P0174", confirmed))}
	firstBack := []vehicle.CodeReport{full(hour(70), code("P0171", confirmed), code("P0174", confirmed))}
	healed := []vehicle.CodeReport{full(hour(80)), full(hour(90)), full(hour(100))}
	again := []vehicle.CodeReport{full(hour(200), code("P0171", confirmed))}

	var ids []string
	var reports []vehicle.CodeReport
	for _, more := range [][]vehicle.CodeReport{both[:1], both[1:], firstGone, firstBack} {
		reports = append(reports, more...)
		in := petrol(diagnosis.FoldCodes(reports)...)
		in.Now = hour(300)
		ids = append(ids, only(t, diagnosis.Evaluate(in), "fuel_lean").ID)
	}
	if len(slices.Compact(slices.Clone(ids))) != 1 {
		t.Errorf("the same trouble has the ids %v", ids)
	}
	in := petrol(diagnosis.FoldCodes(append(reports, healed...))...)
	if found := diagnosis.Evaluate(in); len(found) != 0 {
		t.Errorf("found %v after it healed", families(found))
	}
	in = petrol(diagnosis.FoldCodes(slices.Concat(reports, healed, again))...)
	in.Now = hour(300)
	if f := only(t, diagnosis.Evaluate(in), "fuel_lean"); f.ID == ids[0] || f.Cycle != "2026-03-10" {
		t.Errorf("it came back as id %s, cycle %s", f.ID, f.Cycle)
	}
}
