package obd_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestDiffTrees tests the rules by which results are compared.
func TestDiffTrees(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, want, got, diff string }{
		{"rounded", `{"a": 15.686275}`, `{"a": 15.68627451}`, ""},
		{"rounded, another", `{"a": 15.686275}`, `{"a": 15.686277}`, "a: want 15.686275, got 15.686277"},
		{"zero, rounded", `{"a": 0}`, `{"a": 0.0000004}`, ""},
		{"float error", `{"a": 0.3}`, `{"a": 0.30000000000000004}`, ""},
		{"not a step of the wanted number", `{"a": 12.5}`, `{"a": 12.51}`, "a: want 12.5, got 12.51"},
		{"whole", `{"a": 3}`, `{"a": 3.4}`, "a: want 3, got 3.4"},
		{"one step of many", `{"a": 4159264.7}`, `{"a": 4159264.8}`, "a: want 4159264.7, got 4159264.8"},
		{"milliseconds", `{"a": 1574906292241}`, `{"a": 1574906292242}`, "a: want 1574906292241, got 1574906292242"},
		{"number and text", `{"a": 3}`, `{"a": "3"}`, `a: want 3, got "3"`},
		{"null is nothing", `{"a": null, "b": null, "c": null}`, `{"b": null, "c": ""}`, ""},
		{"null is not zero", `{"a": null}`, `{"a": 0}`, "a: want null, got 0"},
		{"nothing is not zero", `{"a": 0}`, `{}`, "a: want 0, got null"},
		{"instants", `{"a": "2024-05-01T12:00:00Z"}`, `{"a": "2024-05-01T20:00:00+08:00"}`, ""},
		{"other instants", `{"a": "2024-05-01T12:00:00Z"}`, `{"a": "2024-05-01T12:00:01Z"}`, `a: want "2024-05-01T12:00:00Z", got "2024-05-01T12:00:01Z"`},
		{"no keys", `{"a": {}}`, `{}`, ""},
		{"some keys", `{"a": {}}`, `{"a": {"b": 1}}`, `a: want {}, got {"b":1}`},
		{"no elements", `{"a": []}`, `{}`, "a: want [], got null"},
		{"longer list", `{"a": [1]}`, `{"a": [1, 2]}`, "a: want [1], got [1,2]"},
		{"element", `{"a": [1, {"b": 2}]}`, `{"a": [1, {"b": 3}]}`, "a.[1].b: want 2, got 3"},
		{"more at the top", `{"a": 1}`, `{"a": 1, "b": 2}`, ""},
		{"more below", `{"a": {"b": 1}}`, `{"a": {"b": 1, "c": 2}}`, "a.c: want null, got 2"},
		{"more in a message", `{"messages": [{"b": 1}]}`, `{"messages": [{"b": 1, "c": 2}]}`, ""},
		{"a claim", `{"a": 1}`, `{"a": 1, "error": "no_data"}`, `error: want null, got "no_data"`},
		{"no news", `{"a": 1}`, `{"a": 1, "quality": "ok"}`, ""},
		{"another name", `{"values": {"wheel_kmh": 80}}`, `{"values": {"speed_kmh": 80, "trip_km": 80}}`, ""},
		{"another unit", `{"values": {"wheel_kmh": 80}}`, `{"values": {"trip_km": 80}}`, "values.wheel_kmh: want 80, got null"},
		{"another name and number", `{"values": {"wheel_kmh": 80}}`, `{"values": {"speed_kmh": 81}}`, "values.wheel_kmh: want 80, got null"},
		{"one value for two names", `{"values": {"a_km": 1, "b_km": 1}}`, `{"values": {"c_km": 1}}`, "values.b_km: want 1, got null"},
		{"the name itself counts", `{"values": {"a_km": 1}}`, `{"values": {"a_km": 2, "b_km": 1}}`, "values.a_km: want 1, got 2"},
		{"unit beside the value", `{"values": {"soc": {"value": 1, "unit": "%"}}}`, `{"values": {"hv_soc": {"value": 1, "unit": "%", "time": "x"}}}`, ""},
		{"other unit beside it", `{"values": {"soc": {"value": 1, "unit": "%"}}}`, `{"values": {"hv_soc": {"value": 1, "unit": "V"}}}`,
			`values.soc: want {"unit":"%","value":1}, got null`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want, got := readObject(json.RawMessage(tt.want)), readObject(json.RawMessage(tt.got))
			if diff, _, _ := strings.Cut(diffTrees(want, got), "\ngot "); diff != tt.diff {
				t.Errorf("got %q, want %q", diff, tt.diff)
			}
		})
	}
}

// TestCheckVector tests what becomes of vectors that cannot be checked.
func TestCheckVector(t *testing.T) {
	t.Parallel()
	vin := json.RawMessage(`{"vin": "tooshort"}`)
	short := json.RawMessage(`{"format_valid": false, "reason": "length"}`)
	for _, tt := range []struct {
		name, file string
		v          vector
		diff       string
	}{
		{"by id", "another", vector{"vin-1", vin, short}, ""},
		{"by file", "vin", vector{"1", vin, short}, ""},
		{"by neither", "another", vector{"1", vin, short}, "nobody can check"},
		{"key of the input", "vin", vector{"vin-1", json.RawMessage(`{"vin": "tooshort", "market": "CN"}`), short}, `unknown field "market"`},
		{"no input", "vin", vector{"vin-1", nil, short}, "the checker cannot read"},
		{"no expectation", "vin", vector{"vin-1", vin, nil}, "no object"},
		{"no hexadecimal digits", "jt808", vector{"jt808-1", json.RawMessage(`{"hex": "7Z"}`), short}, "not checked: encoding/hex"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			diff := checkVector(tt.file, tt.v)
			if (diff == "") != (tt.diff == "") || !strings.Contains(diff, tt.diff) {
				t.Errorf("got %q, want %q", diff, tt.diff)
			}
		})
	}
}
