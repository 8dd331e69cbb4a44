package obd_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

type vector struct {
	ID       string
	Input    json.RawMessage
	Expected json.RawMessage
}

// runPublished checks every vector of a file from $PITCREW_VECTORS, by default
// the shared folder beside the repository, and prints the tally.
func runPublished(t *testing.T, file string, check func(t *testing.T, v vector) string) {
	t.Helper()
	dir := os.Getenv("PITCREW_VECTORS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "vectors")
	}
	b, err := os.ReadFile(filepath.Join(dir, file))
	if os.IsNotExist(err) && os.Getenv("CI") == "" {
		t.Skipf("no published vectors: %v; set PITCREW_VECTORS", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Vectors []vector }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Vectors) == 0 {
		t.Fatalf("%s holds no vectors", file)
	}
	failed := 0
	for _, v := range all.Vectors {
		if diff := check(t, v); diff != "" {
			failed++
			t.Errorf("%s %s (-want +got):\n%s", v.ID, v.Input, diff)
		}
	}
	t.Logf("%s: %d vectors, %d passed, %d failed", file, len(all.Vectors), len(all.Vectors)-failed, failed)
}

func unmarshal[T any](t *testing.T, b json.RawMessage) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// strictly is unmarshal for what a checker compares whole: a key that it does not
// know fails the vector.
func strictly[T any](t *testing.T, b json.RawMessage) T {
	t.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// values lists an answer's values by name.
func values(a j1979.Answer) map[string]float64 {
	all := map[string]float64{}
	for _, v := range a.Values {
		all[v.Field.Name] = v.Number
	}
	return all
}

// diffValues compares the values a vector names with ours, to a millionth.
func diffValues(want, got map[string]float64) string {
	for name := range got {
		if _, asked := want[name]; !asked {
			delete(got, name)
		}
	}
	return cmp.Diff(want, got, cmpopts.EquateApprox(1e-6, 1e-6))
}

func supported(base byte, data []byte) []string {
	pids := []string{}
	for _, p := range j1979.SupportedPIDs(base, [4]byte(data)) {
		pids = append(pids, fmt.Sprintf("%02X", p))
	}
	return pids
}

func TestPublishedVectorsService01(t *testing.T) {
	t.Parallel()
	type expected struct {
		ECU    string
		PID    string
		Values map[string]*float64
	}
	runPublished(t, "obd_mode01.json", func(t *testing.T, v vector) string {
		in := unmarshal[struct {
			Format string
			Lines  []string
			Hex    string
		}](t, v.Input)
		want := unmarshal[expected](t, v.Expected)
		var message []byte
		switch in.Format {
		case "elm_headers":
			r := elm327.Parse(strings.Join(in.Lines, "\r") + "\r>")
			if len(r.Messages) != 1 || r.Messages[0].ECU != want.ECU {
				return fmt.Sprintf("got %+v", r)
			}
			message = r.Messages[0].Payload
		case "payload":
			message = unhex(t, in.Hex)
		case "pid_and_data":
			message = unhex(t, "41"+in.Hex)
		default:
			return "unknown format " + in.Format
		}
		answers, err := j1979.DecodeCurrent(message)
		if err != nil {
			return err.Error()
		}
		if got := fmt.Sprintf("%02X", answers[0].PID.Number); got != want.PID {
			return "got PID " + got
		}
		present := map[string]float64{}
		for name, value := range want.Values {
			if value != nil {
				present[name] = *value
			} else if got, ok := values(answers[0])[name]; ok {
				return fmt.Sprintf("%s: want none, got %v", name, got)
			}
		}
		return diffValues(present, values(answers[0]))
	})
}

func TestPublishedVectorsCodes(t *testing.T) {
	t.Parallel()
	runPublished(t, "obd_dtc.json", func(t *testing.T, v vector) string {
		in := unmarshal[struct {
			Kind    string
			Service int
			Text    string
			Hex     string
		}](t, v.Input)
		want := unmarshal[struct {
			DTCs  []vehicle.Code
			DTC   vehicle.Code
			Error string
		}](t, v.Expected)
		switch in.Kind {
		case "word":
			want.DTCs = []vehicle.Code{want.DTC}
			return cmp.Diff(want.DTCs, j1979.CodesFromWords(unhex(t, in.Hex)))
		case "words":
			return cmp.Diff(want.DTCs, j1979.CodesFromWords(unhex(t, in.Hex)))
		}
		r := elm327.Parse(in.Text)
		if want.Error != "" {
			return cmp.Diff(want.Error, string(r.Status))
		}
		codes := []vehicle.Code{}
		for _, m := range r.Messages {
			c, err := j1979.DecodeCodes(m.Payload)
			if err != nil {
				return err.Error()
			}
			if wantStatus := j1979.ListedStatus([]byte{byte(in.Service) + 0x40}); c.Status != wantStatus {
				return fmt.Sprintf("got status %s", c.Status)
			}
			codes = append(codes, c.Codes...)
		}
		return cmp.Diff(want.DTCs, codes)
	})
}

func TestPublishedVectorsReadiness(t *testing.T) {
	t.Parallel()
	type state struct{ Supported, Complete bool }
	type expected struct {
		MIL      bool `json:"mil_on"`
		Count    int  `json:"dtc_count"`
		Ignition string
		Monitors map[string]state
	}
	runPublished(t, "obd_readiness.json", func(t *testing.T, v vector) string {
		in, want := unmarshal[struct{ Hex string }](t, v.Input), unmarshal[expected](t, v.Expected)
		r, err := j1979.DecodeReadiness(unhex(t, in.Hex))
		if err != nil {
			return err.Error()
		}
		got := expected{r.MIL, r.Codes, "spark", map[string]state{}}
		if r.Compression {
			got.Ignition = "compression"
		}
		ready := true
		for _, m := range r.Monitors {
			got.Monitors[m.Name] = state{m.Supported, m.Complete}
			ready = ready && (m.Complete || !m.Supported)
		}
		if r.Ready() != ready {
			return fmt.Sprintf("Ready() = %v", r.Ready())
		}
		return cmp.Diff(want, got)
	})
}

func TestPublishedVectorsSupportedPIDs(t *testing.T) {
	t.Parallel()
	runPublished(t, "obd_supported_pids.json", func(t *testing.T, v vector) string {
		in := unmarshal[struct {
			Base string `json:"base_pid"`
			Hex  string
		}](t, v.Input)
		want := unmarshal[struct{ PIDs []string }](t, v.Expected)
		return cmp.Diff(want.PIDs, supported(unhex(t, in.Base)[0], unhex(t, in.Hex)))
	})
}

// TestPublishedPIDTable compares the table with the shared compilation: bytes,
// limits and units of every field.
func TestPublishedPIDTable(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("PITCREW_VECTORS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "vectors")
	}
	b, err := os.ReadFile(filepath.Join(dir, "obd_pid_table.csv"))
	if os.IsNotExist(err) && os.Getenv("CI") == "" {
		t.Skipf("no published table: %v; set PITCREW_VECTORS", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	for _, row := range csvRows(t, string(b)) {
		fields++
		pid, ok := j1979.Lookup(unhex(t, row["pid_hex"])[0])
		if !ok || fmt.Sprint(pid.Bytes) != row["data_bytes"] {
			t.Errorf("PID %s: got %d bytes, want %s", row["pid_hex"], pid.Bytes, row["data_bytes"])
			continue
		}
		found := false
		for _, f := range pid.Fields {
			if f.Name != row["signal"] || fmt.Sprint(f.Bit) != row["bit_offset"] {
				continue
			}
			found = true
			lo, hi := f.Range()
			if f.Unit != row["unit"] || math.Abs(lo-parseNumber(t, row["min"])) > 1e-6 || math.Abs(hi-parseNumber(t, row["max"])) > 1e-6 {
				t.Errorf("PID %s %s: got %v..%v %s, want %s..%s %s", row["pid_hex"], f.Name, lo, hi, f.Unit, row["min"], row["max"], row["unit"])
			}
		}
		if !found {
			t.Errorf("PID %s: no field %s", row["pid_hex"], row["signal"])
		}
	}
	t.Logf("obd_pid_table.csv: %d fields compared", fields)
}
