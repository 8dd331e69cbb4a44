package uds_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestReport(t *testing.T) {
	t.Parallel()
	const (
		pending, confirmed = vehicle.CodePending, vehicle.CodeConfirmed
		permanent, history = vehicle.CodePermanent, vehicle.CodeHistory
		// confirmed, pending, history, never failed, and not tested
		five = "010011 28 010111 24 010211 20 010311 00 010411 50"
	)
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	entry := func(code vehicle.Code, status vehicle.CodeStatus, b uint8) vehicle.CodeEntry {
		return vehicle.CodeEntry{Code: code, Status: status, UDS: &b}
	}
	first, second, third := entry("P0100-11", confirmed, 0x28), entry("P0101-11", pending, 0x24), entry("P0102-11", history, 0x20)
	on, off := true, false
	severe := first
	severe.Severity = new(uint8(0x82))
	type covers = []vehicle.CodeStatus
	tests := map[string]struct {
		request, answer string
		covers          covers // nil: no report
		codes           []vehicle.CodeEntry
		mil             *bool
	}{
		"02 all":                     {"1902FF", "5902FF" + five, covers{pending, confirmed, history}, []vehicle.CodeEntry{first, second, third}, &off},
		"02 mask not known":          {"", "5902FF" + five, nil, nil, nil},
		"02 mask not known, empty":   {"", "5902FF", nil, nil, nil},
		"02 confirmed":               {"190208", "5902FF 01001128", covers{confirmed}, []vehicle.CodeEntry{first}, nil},
		"02 confirmed, none":         {"190208", "5902FF", covers{confirmed}, nil, nil},
		"02 confirmed, not known":    {"190208", "590207", nil, nil, nil},
		"02 pending and confirmed":   {"19020C", "5902FF 01001128 01011124", covers{pending, confirmed}, []vehicle.CodeEntry{first, second}, nil},
		"02 failing now":             {"190201", "5902FF 01011125", nil, nil, nil},
		"02 failing, no pending bit": {"190209", "5902FB 01001128", covers{pending, confirmed}, []vehicle.CodeEntry{first}, nil},
		"02 failed since clear": {"190220", "5902FF 01001128 01021120", covers{history},
			[]vehicle.CodeEntry{third}, nil}, // the confirmed code shows by chance: others of bit 3 may be missing
		"02 lamp":           {"190288", "5902FF 010011A8", covers{confirmed}, []vehicle.CodeEntry{entry("P0100-11", confirmed, 0xA8)}, &on},
		"02 lamp off":       {"190288", "5902FF", covers{confirmed}, nil, &off},
		"02 lamp not known": {"1902FF", "59027F 01001128", covers{pending, confirmed, history}, []vehicle.CodeEntry{first}, nil},
		"02 cut":            {"1902FF", "5902FF 01001128 0101", nil, nil, nil},
		"0A":                {"", "590AFF" + five, covers{pending, confirmed, history}, []vehicle.CodeEntry{first, second, third}, &off},
		"0A three bits":     {"", "590A0D 01001108", covers{pending, confirmed}, []vehicle.CodeEntry{entry("P0100-11", confirmed, 0x08)}, nil},
		"13":                {"191308", "5913FF 01001128", covers{confirmed}, []vehicle.CodeEntry{first}, nil},
		"15": {"", "5915FF 01001150", covers{permanent},
			[]vehicle.CodeEntry{entry("P0100-11", permanent, 0x50)}, nil}, // stays after an erase
		"15 none":             {"", "5915FF", covers{permanent}, nil, nil},
		"15 cut":              {"", "5915FF 0100", nil, nil, nil},
		"55":                  {"", "595533FF04 01001128", covers{permanent}, []vehicle.CodeEntry{entry("P0100-11", permanent, 0x28)}, nil},
		"42":                  {"194233081E", "594233FF1E04 8201001128", covers{confirmed}, []vehicle.CodeEntry{severe}, nil},
		"42 some severities":  {"1942330802", "594233FF1E04 8201001128", nil, nil, nil},
		"42 masks not known":  {"", "594233FF1E04 8201001128", nil, nil, nil},
		"42 no severities":    {"1942330800", "594233FF0004", nil, nil, nil},
		"01 none":             {"19010C", "5901FF010000", covers{pending, confirmed}, nil, nil},
		"01 some":             {"19010C", "5901FF010002", nil, nil, nil},
		"07":                  {"1907FF0C", "5907FF010000", nil, nil, nil},
		"08":                  {"1908FFFF", "5908FF 2005 01001128", nil, nil, nil},
		"0C":                  {"", "590CFF 01001128", nil, nil, nil},
		"mirror memory":       {"190FFF", "590FFF 01001128", nil, nil, nil},
		"mirror memory, none": {"1911FF", "5911FF010000", nil, nil, nil},
		"counters":            {"", "5914 01001101", nil, nil, nil},
		"one code":            {"", "5904 01001128", nil, nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, _ := uds.ParseRequest(unhex(t, tt.request))
			codes, _, err := uds.DecodeCodes(unhex(t, tt.answer), uds.Options{Request: request})
			if err != nil {
				t.Fatal(err)
			}
			got, ok := codes.Report(at, "7E8")
			if ok != (tt.covers != nil) {
				t.Fatalf("got %+v, %v", got, ok)
			}
			if !ok {
				return
			}
			want := vehicle.CodeReport{Time: at, ECU: "7E8", MIL: tt.mil, Covers: tt.covers, Codes: tt.codes}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestEnrich adds what the answers about one code say to the report of all.
func TestEnrich(t *testing.T) {
	t.Parallel()
	all, _, err := uds.DecodeCodes(unhex(t, "590AFF 0100112F 0101112F"), uds.Options{})
	if err != nil {
		t.Fatal(err)
	}
	report, ok := all.Report(time.Time{}, "7EC")
	if !ok {
		t.Fatal("no report")
	}
	for _, message := range []string{
		// Record 1: coolant 83 C, displayed state of charge. Record 2 is later and not used.
		"5904 010011 2F 01 02 F405 7B 0105" + konaCharge + "02 01 F405 40",
		"5904 010011 2F 01 01 F40C 1AF8", // again: what is there stays
		"5909 FF 40 07 010111 2F",
	} {
		one, refusals, err := uds.DecodeCodes(unhex(t, message), uds.Options{Table: uds.Kona()})
		if err != nil || len(refusals) > 0 {
			t.Fatal(err, refusals)
		}
		one.Enrich(&report)
	}
	want := []vehicle.CodeEntry{
		{Code: "P0100-11", Status: vehicle.CodeConfirmed, UDS: new(uint8(0x2F)), FreezeFrame: []vehicle.Reading{
			vehicle.Measure(vehicle.CoolantTemperature, 83),
			vehicle.Measure(vehicle.TractionSoH, 99.1),
			vehicle.Measure("Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed", 51),
		}},
		{Code: "P0101-11", Status: vehicle.CodeConfirmed, UDS: new(uint8(0x2F)), Severity: new(uint8(0x40))},
	}
	if diff := cmp.Diff(want, report.Codes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
