package ecu_test

import (
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var none = []vehicle.CodeStatus{vehicle.CoversNone}

func ready(id string, lamp bool, complete, incomplete []vehicle.Monitor) vehicle.CodeReport {
	return vehicle.CodeReport{Time: at, ECU: id, MIL: &lamp, Covers: none, Readiness: &vehicle.Readiness{Complete: complete, Incomplete: incomplete}}
}

// TestReadiness takes PID 01 of either kind of ignition, from SAE J1979 and by UDS, per
// ECU. Reserved bits and those of monitors that the ECU lacks are nothing.
func TestReadiness(t *testing.T) {
	t.Parallel()
	always := []vehicle.Monitor{"misfire", "fuel_system", "components"}
	spark := []vehicle.Monitor{"catalyst", "evaporative_system", "oxygen_sensor", "oxygen_sensor_heater", "egr_vvt"}
	fresh := ready("7E8", false, always, spark)
	for text, want := range map[string]struct {
		codes   []vehicle.CodeReport
		refused int
	}{
		"7E8 06 41 01 00 07 E5 E5\r>": {[]vehicle.CodeReport{fresh}, 0},
		"7E8 06 41 01 80 07 E5 1A\r>": {[]vehicle.CodeReport{ready("7E8", true, append(always[:3:3], spark...), nil)}, 0},
		"7E8 06 41 01 00 0F FF 60\r>": {[]vehicle.CodeReport{ready("7E8", false,
			append(always[:3:3], "nmhc_catalyst", "nox_scr", "boost_pressure", "egr_vvt"), []vehicle.Monitor{"exhaust_gas_sensor", "pm_filter"})}, 0},
		"7E8 06 41 01 00 07 E5 00\r7E9 06 41 01 00 04 00 00\r>7E8 06 41 01 00 07 E5 E5\r>": {[]vehicle.CodeReport{
			fresh, ready("7E9", false, []vehicle.Monitor{"components"}, nil)}, 0}, // a log: the last counts
		"7E8 07 62 F4 01 00 07 E5 E5\r>":          {[]vehicle.CodeReport{fresh}, 0},
		"7E8 06 41 41 00 07 E5 E5\r>":             {nil, 0}, // of this driving cycle
		"7E8 05 41 01 00 07 E5\r>":                {nil, 1}, // cut
		"41 01 00 07 E5 E5\r>":                    {[]vehicle.CodeReport{ready("", false, always, spark)}, 0},
		"41 01 00 07 E5 E5\r41 01 80 07 E5 E5\r>": {[]vehicle.CodeReport{ready("", true, always, spark)}, 0},
		"41 01 00 07 E5 E5\r41 01 00 04 00 00\r>": {[]vehicle.CodeReport{ready("", false, always, spark)}, 0},
		"41 01 00 04 00 00\r41 01 00 07 E5 E5\r>": {[]vehicle.CodeReport{ready("", false, always, spark)}, 0},
		"41 01 00 07 E5 00\r41 01 00 07 E5 E5\r>": {nil, 1}, // whose is which?
		"7E8 04 43 01 01 71\r7E8 06 41 01 81 07 E5 E5\r7E8 01 44\r>": {[]vehicle.CodeReport{
			func() vehicle.CodeReport {
				r := ready("7E8", true, always, spark)
				r.Covers, r.Codes = []vehicle.CodeStatus{vehicle.CodeConfirmed}, []vehicle.CodeEntry{{Code: "P0171", Status: vehicle.CodeConfirmed}}
				return r
			}(),
			{Time: at, ECU: "7E8", Covers: none, Erased: true}}, 0},
	} {
		said := settle(t, text)
		if diff := cmp.Diff(want.codes, said.Codes); diff != "" || len(said.Refusals) != want.refused {
			t.Errorf("%q: %v (-want +got):\n%s", text, said.Refusals, diff)
		}
	}
}

// TestErasedByUDS takes the answer to service 14 from frames of a bus, and not what only
// looks like it.
func TestErasedByUDS(t *testing.T) {
	t.Parallel()
	erased := []vehicle.CodeReport{{Time: at, ECU: "7E8", Covers: none, Erased: true}}
	for name, tt := range map[string]struct {
		id, data string
		want     []vehicle.CodeReport
		refused  int
	}{
		"answer":         {"7E8", "0154", erased, 0},
		"padded":         {"7E8", "0154AAAAAAAAAAAA", erased, 0},
		"padding inside": {"7E8", "04540000000000", erased, 0},
		"with data":      {"7E8", "0254FF", erased, 1},
		"on 29 bits":     {"18DAF110", "0154", []vehicle.CodeReport{{Time: at, ECU: "18DAF110", Covers: none, Erased: true}}, 0},
		"request":        {"7E0", "0414FFFFFF", nil, 0},
		"refused":        {"7E8", "037F1422", nil, 1},
		"not yet":        {"7E8", "037F1478", nil, 0},
	} {
		id, err := can.ParseID(tt.id)
		if err != nil {
			t.Fatal(err)
		}
		var a ecu.Answers
		a.Frames([]ecu.Frame{{Frame: can.Frame{ID: id, Data: unhex(t, tt.data)}}})
		said, err := a.Settle("", at)
		if diff := cmp.Diff(tt.want, said.Codes); err != nil || diff != "" || len(said.Refusals) != tt.refused {
			t.Errorf("%s: %v, %v (-want +got):\n%s", name, err, said.Refusals, diff)
		}
	}
}

// TestSnapshotsAlone takes a code from the snapshots that a tester reads of it, without
// a list, and clears none with it.
func TestSnapshotsAlone(t *testing.T) {
	t.Parallel()
	status := uint8(0x09)
	want := []vehicle.CodeReport{{Time: at, ECU: "7E8", Covers: none, Codes: []vehicle.CodeEntry{
		{Code: "P0171-00", Status: vehicle.CodeConfirmed, UDS: &status, FreezeFrame: []vehicle.Reading{number(vehicle.Speed, 60)}},
	}}}
	for text, want := range map[string][]vehicle.CodeReport{
		"7E8 10 0B 59 04 01 71 00 09\r7E8 21 01 01 F4 0D 3C\r>": want,
		"7E8 06 59 04 01 71 00 10\r>":                           nil, // it never failed
	} {
		if diff := cmp.Diff(want, settle(t, text).Codes); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func unhex(t *testing.T, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
