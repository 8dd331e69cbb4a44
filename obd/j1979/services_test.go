package j1979_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDecode reads an answer of every service and prints it as JSON.
func TestDecode(t *testing.T) {
	t.Parallel()
	vin := hex.EncodeToString([]byte("1HGCM82633A004352"))
	tests := map[string]struct {
		message string
		want    string
	}{
		"current":         {"41 0C 1A F8", `{"service":1,"pid":"0C","values":{"engine_rpm":1726}}`},
		"current, absent": {"41 15 9A FF", `{"service":1,"pid":"15","values":{"o2_s2_v":0.77,"o2_s2_trim_pct":null}}`},
		"current, two":    {"41 0D 3C 05 5A", `{"service":1,"answers":[{"pid":"0D","values":{"speed_kmh":60}},{"pid":"05","values":{"coolant_temp_c":50}}]}`},
		"current, cut":    {"41 34 80 00 80", `{"service":1,"pid":"34","values":{"o2_s1_lambda":1},"short":true}`},
		"bitmap":          {"41 00 80 00 00 01", `{"service":1,"pid":"00","values":{"supported_bitmap":2147483649},"supported":["01","20"]}`},
		"readiness": {"41 01 81 07 01 01", `{"service":1,"pid":"01","values":{"mil_on":1,"dtc_count":1,"ignition_compression":0,"monitor_bits":459009},"readiness":` +
			`{"mil_on":true,"dtc_count":1,"ignition":"spark","monitors":{"misfire":{"supported":true,"complete":true},"fuel_system":{"supported":true,"complete":true},` +
			`"components":{"supported":true,"complete":true},"catalyst":{"supported":true,"complete":false},"heated_catalyst":{"supported":false,"complete":true},` +
			`"evaporative_system":{"supported":false,"complete":true},"secondary_air":{"supported":false,"complete":true},"gpf_or_ac_refrigerant":{"supported":false,"complete":true},` +
			`"oxygen_sensor":{"supported":false,"complete":true},"oxygen_sensor_heater":{"supported":false,"complete":true},"egr_vvt":{"supported":false,"complete":true}}}}`},
		"freeze":               {"42 0C 00 1A F8", `{"service":2,"pid":"0C","frame":0,"values":{"engine_rpm":1726}}`},
		"freeze, no frame":     {"42 0C 1A F8", `{"service":2,"pid":"0C","values":{"engine_rpm":1726}}`},
		"freeze, second":       {"42 05 01 10", `{"service":2,"pid":"05","frame":1,"values":{"coolant_temp_c":-24}}`},
		"freeze, several":      {"42 0C 00 1A F8 05 00 5A", `{"service":2,"pid":"0C","frame":0,"answers":[{"pid":"0C","values":{"engine_rpm":1726}},{"pid":"05","values":{"coolant_temp_c":50}}]}`},
		"freeze, padding":      {"42 0C 00 1A F8 00 00", `{"service":2,"pid":"0C","frame":0,"values":{"engine_rpm":1726}}`},
		"freeze code":          {"42 02 00 03 00", `{"service":2,"pid":"02","frame":0,"freeze_dtc":"P0300"}`},
		"freeze code alone":    {"42 02 01 71", `{"service":2,"pid":"02","freeze_dtc":"P0171"}`},
		"no freeze frame":      {"42 02 00 00 00", `{"service":2,"pid":"02","frame":0,"freeze_dtc":null}`},
		"confirmed":            {"43 01 01 33", `{"service":3,"status":"confirmed","dtcs":["P0133"]}`},
		"pending, none":        {"47 00", `{"service":7,"status":"pending","dtcs":[]}`},
		"permanent, too many":  {"4A 01 01 20 01 21", `{"service":10,"status":"permanent","dtcs":["P0120"],"warning":"1 codes announced and 2 sent: those behind are not used"}`},
		"cleared":              {"44", `{"service":4,"cleared":true}`},
		"cleared, more":        {"44 0D 3C", `{"service":4,"cleared":true,"warning":"answer 44 has no data: 2 more bytes are not read"}`},
		"current, run on":      {"41 0C 1A F8 41 0D 3C", `{"service":1,"pid":"0C","values":{"engine_rpm":1726},"warning":"3 bytes after PID 0C are not read"}`},
		"freeze, unread":       {"42 0C 00 1A F8 05 01 5A", `{"service":2,"pid":"0C","frame":0,"values":{"engine_rpm":1726},"warning":"3 bytes after PID 0C are not read"}`},
		"freeze code, unread":  {"42 02 00 03 00 05", `{"service":2,"pid":"02","frame":0,"freeze_dtc":"P0300","warning":"1 byte after PID 02 is not read"}`},
		"tests":                {"46 01 01 0A 0B B0 0B B0 0B B0 01 85 24 00 96 00 4B FF FF", `{"service":6,"mid":"01","tests":[{"tid":"01","uas":"0A","value":365.024,"min":365.024,"max":365.024,"unit":"mV"},{"tid":"85","uas":"24","value":150,"min":75,"max":65535,"unit":"counts"}]}`},
		"tests, signed":        {"46 21 84 96 FF 38 FE 0C 01 F4", `{"service":6,"mid":"21","tests":[{"tid":"84","uas":"96","value":-20,"min":-50,"max":50,"unit":"degC"}]}`},
		"tests, unknown units": {"46 21 84 7F 00 01 00 00 FF FF", `{"service":6,"mid":"21","tests":[{"tid":"84","uas":"7F","value":1,"min":0,"max":65535}]}`},
		"tests, other monitor": {"46 01 01 10 00 01 00 00 00 02 02 01 10 00 01 00 00 00 02", `{"service":6,"mid":"01","tests":[{"tid":"01","uas":"10","value":1,"min":0,"max":2,"unit":"ms"},{"tid":"01","uas":"10","value":1,"min":0,"max":2,"unit":"ms","mid":"02"}]}`},
		"tests, cut":           {"46 01 01 0A 0B B0 0B B0 0B", `{"service":6,"mid":"01","tests":[]}`},
		"monitors":             {"46 00 C0 00 00 01 20 80 00 00 00", `{"service":6,"mid":"00","supported":["01","02","20","21"]}`},
		"info bitmap":          {"49 00 55 40 00 00", `{"service":9,"pid":"00","supported":["02","04","06","08","0A"]}`},
		"info bitmap, pre-CAN": {"49 00 01 54 00 00 00", `{"service":9,"pid":"00","supported":["02","04","06"]}`},
		"info count":           {"49 01 05", `{"service":9,"pid":"01","message_count":5}`},
		"VIN":                  {"49 02 01" + vin, `{"service":9,"pid":"02","vin":"1HGCM82633A004352"}`},
		"VIN, pre-CAN":         {"49 02 00 00 00" + vin, `{"service":9,"pid":"02","vin":"1HGCM82633A004352"}`},
		"VIN, padded":          {"49 02 01" + vin + "00 00 00", `{"service":9,"pid":"02","vin":"1HGCM82633A004352"}`},
		"calibrations":         {"49 04 02 41 42 43 00 00 00 00 00 00 00 00 00 00 00 00 00 44 45 46 20 20 20 20 20 20 20 20 20 20 20 20 20", `{"service":9,"pid":"04","calids":["ABC","DEF"]}`},
		"calibration, pre-CAN": {"49 04 41 42 43 00 00 00 00 00 00 00 00 00 00 00 00 00", `{"service":9,"pid":"04","calids":["ABC"]}`},
		"calibration, short":   {"49 04 01 4D 53 56 38 30", `{"service":9,"pid":"04","calids":["MSV80"]}`},
		"verification":         {"49 06 02 17 91 BC 82 00 00 12 34", `{"service":9,"pid":"06","cvns":["1791BC82","00001234"]}`},
		"verification, alone":  {"49 06 17 91 BC 82", `{"service":9,"pid":"06","cvns":["1791BC82"]}`},
		"in use, spark":        {"49 08 04 01 00 02 00 00 03 00 04", `{"service":9,"pid":"08","counters":{"obd_conditions_met":256,"ignition_cycles":512,"catalyst_bank1_done":3,"catalyst_bank1_met":4}}`},
		"in use, compression":  {"49 0B 04 01 00 02 00 00 03 00 04", `{"service":9,"pid":"0B","counters":{"obd_conditions_met":256,"ignition_cycles":512,"nmhc_catalyst_done":3,"nmhc_catalyst_met":4}}`},
		"ECU name":             {"49 0A 01 45 43 4D 00 2D 45 6E 67 69 6E 65 43 6F 6E 74 72 6F 6C 00 00", `{"service":9,"pid":"0A","ecu_name":"ECM-EngineControl"}`},
		"less than announced":  {"49 06 02 17 91 BC 82", `{"service":9,"pid":"06","cvns":["1791BC82"],"warning":"2 items announced and 1 sent"}`},
		"more than announced":  {"49 06 01 17 91 BC 82 00 00 12 34", `{"service":9,"pid":"06","cvns":["1791BC82","00001234"],"warning":"1 items announced and 2 sent"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := j1979.Decode(unhex(t, tt.message))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(result)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]error{
		"": j1979.ErrShort, "41": j1979.ErrShort, "42": j1979.ErrShort, "42 0C": j1979.ErrShort, "42 0C 00": j1979.ErrShort, "42 65 00 00": j1979.ErrUnknownPID,
		"43": j1979.ErrShort, "46": j1979.ErrShort, "46 00 01": j1979.ErrShort, "49": j1979.ErrShort, "49 02": j1979.ErrShort, "49 00 01 02": j1979.ErrShort,
		"49 0C 01 00": j1979.ErrUnknownPID, "62 F1 90": j1979.ErrNotThisService, "01 0C": j1979.ErrNotThisService,
		"49 02 01 00 00 00 00": j1979.ErrNoVIN, "49 02 01 FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF": j1979.ErrNoVIN, "7F": j1979.ErrShort, "7F 01": j1979.ErrShort,
	} {
		if got, err := j1979.Decode(unhex(t, message)); !errors.Is(err, want) || got != nil {
			t.Errorf("%q: got %v, %v", message, got, err)
		}
	}
	var refused *j1979.NegativeError
	if _, err := j1979.Decode([]byte{0x7F, 0x09, 0x31}); !errors.As(err, &refused) || refused.Service != 9 || refused.Code != 0x31 {
		t.Errorf("got %v", err)
	}
	var noVIN *vehicle.VINError
	if _, err := j1979.Decode(append([]byte{0x49, 2, 1}, "1HGCM82633A00435I"...)); !errors.As(err, &noVIN) || noVIN.Reason != vehicle.VINForbidden {
		t.Errorf("got %v", err)
	}
}

// TestFrozenIsNotCurrent makes sure that no frozen value can be taken for one that
// holds now.
func TestFrozenIsNotCurrent(t *testing.T) {
	t.Parallel()
	f, err := j1979.DecodeFreeze([]byte{0x42, 0x0D, 0, 60})
	if err != nil || f.Readings() != nil || len(f.Frozen()) != 1 || f.Frozen()[0].Value.Num != 60 || f.Names() {
		t.Errorf("got %+v, %v", f, err)
	}
	f, err = j1979.DecodeFreeze([]byte{0x42, 0x02, 0, 0x01, 0x71})
	if err != nil || f.Frozen() != nil || len(f.Readings()) != 1 || f.Readings()[0].Value.Text != "P0171" || !f.Names() {
		t.Errorf("got %+v, %v", f, err)
	}
}

func TestPassed(t *testing.T) {
	t.Parallel()
	for value, want := range map[byte]bool{0: false, 1: true, 2: true, 3: false} {
		tests, err := j1979.DecodeTests([]byte{0x46, 1, 1, 0x24, 0, value, 0, 1, 0, 2})
		if err != nil || tests.Tests[0].Passed() != want {
			t.Errorf("%d: got %+v, %v", value, tests, err)
		}
	}
}

func TestNegativeErrorTells(t *testing.T) {
	t.Parallel()
	for code, want := range map[byte]string{0x22: "conditions not correct (22)", 0x99: "reason unknown (99)"} {
		if err := (&j1979.NegativeError{Service: 4, Code: code}); !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v", err)
		}
	}
}

func ExampleTest() {
	result, _ := j1979.DecodeTests([]byte{0x46, 0x21, 0x84, 0x10, 0x00, 0x48, 0x00, 0x00, 0x00, 0x64})
	for _, test := range result.Tests {
		text, _ := json.Marshal(test)
		fmt.Printf("%s %v\n", text, test.Passed())
	}
	// Output: {"tid":"84","uas":"10","value":72,"min":0,"max":100,"unit":"ms","mid":"21"} true
}

func ExampleDecode() {
	for _, message := range [][]byte{
		{0x41, 0x0C, 0x1A, 0xF8},
		{0x42, 0x05, 0x00, 0x5A},
		{0x46, 0x01, 0x01, 0x0A, 0x0B, 0xB0, 0x00, 0x00, 0x0F, 0xFF},
		append([]byte{0x49, 0x02, 0x01}, "1HGCM82633A004352"...),
		{0x7F, 0x06, 0x11},
	} {
		result, err := j1979.Decode(message)
		if err != nil {
			fmt.Println(err)
			continue
		}
		text, _ := json.Marshal(result)
		fmt.Printf("%s\n", text)
	}
	// Output:
	// {"service":1,"pid":"0C","values":{"engine_rpm":1726}}
	// {"service":2,"pid":"05","frame":0,"values":{"coolant_temp_c":50}}
	// {"service":6,"mid":"01","tests":[{"tid":"01","uas":"0A","value":365.024,"min":0,"max":499.59,"unit":"mV"}]}
	// {"service":9,"pid":"02","vin":"1HGCM82633A004352"}
	// service 06 refused by the ECU: service not supported (11)
}

// FuzzServices reads any message of any service: what comes out is bounded by what
// went in, and can be printed.
func FuzzServices(f *testing.F) {
	for _, s := range []string{
		"410C1AF80D3C", "420C001AF805005A", "4202000171", "430101334744", "44", "4601010A0BB00BB00BB0018524", "4600C0000001", "490201314847434D38323633334130303433353200",
		"49040141424300", "49060117910000", "4908040100020000030004", "490A0145434D002D45", "7F0111", "7F0178",
	} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		result, err := j1979.Decode(message)
		if (err == nil) != (result != nil) {
			t.Fatal(result, err)
		}
		if err != nil {
			return
		}
		for _, r := range result.Readings() {
			if _, known := vehicle.Lookup(r.Signal); !known {
				t.Fatalf("%+v", r)
			}
		}
		b, err := json.Marshal(result)
		if err != nil || !json.Valid(b) || len(b) > 1200+100*len(message) {
			t.Fatalf("%d bytes of %d: %s, %v", len(b), len(message), b, err)
		}
		if i, ok := result.(j1979.Info); ok && i.VIN != "" {
			if again, err := vehicle.ParseVIN(string(i.VIN)); err != nil || again != i.VIN {
				t.Fatal(i.VIN, err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for name, message := range map[string][]byte{
		"current": {0x41, 0x0C, 0x1A, 0xF8}, "freeze": {0x42, 0x0C, 0, 0x1A, 0xF8}, "codes": {0x43, 1, 1, 0x71},
		"tests": {0x46, 1, 1, 0x0A, 0x0B, 0xB0, 0x0B, 0xB0, 0x0B, 0xB0}, "vin": append([]byte{0x49, 2, 1}, "1HGCM82633A004352"...),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := j1979.Decode(message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
