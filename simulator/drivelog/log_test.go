package drivelog_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/simulator/drivelog"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestARowComesBackThroughTheDecoder(t *testing.T) {
	t.Parallel()
	rows, skipped, err := drivelog.Read(strings.NewReader("ENGINE_RPM,VEHICLE_SPEED,010F,GEAR\n1726,60,21,3\n1800,,22,3\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || len(skipped) != 1 || skipped[0] != "GEAR" {
		t.Fatalf("rows %d, skipped %v", len(rows), skipped)
	}
	got := decode(t, rows[0])
	want := map[vehicle.Signal]float64{vehicle.EngineSpeed: 1726, vehicle.Speed: 60}
	for s, v := range want {
		if math.Abs(got[s]-v) > 0.25 {
			t.Errorf("%s = %v, want %v", s, got[s], v)
		}
	}
	if rows[1].Offset != time.Second || len(rows[1].Values) != 2 {
		t.Errorf("second row %+v: want an offset of 1 s and the empty cell left out", rows[1])
	}
}

func decode(t *testing.T, r drivelog.Row) map[vehicle.Signal]float64 {
	t.Helper()
	text, err := r.ELM327()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	report, refused, err := obd.Decode(obd.Adapter, "LJCPCBLCX14500264", jsonmsg.AppendAdapter(nil, "b1", 1, at, text), at)
	if err != nil || len(refused) > 0 {
		t.Fatalf("decode %q: %v, refused %v", text, err, refused)
	}
	out := map[vehicle.Signal]float64{}
	for _, s := range report.Samples {
		for _, reading := range s.Readings {
			out[reading.Signal], _ = reading.Value.Float()
		}
	}
	return out
}

func TestBadLogsSayWhere(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"empty":           {"", "read the header"},
		"unknown columns": {"A,B\n1,2\n", "010C"},
		"not a number":    {"ENGINE_RPM\n800\nfast\n", "line 3, column ENGINE_RPM"},
		"not finite":      {"ENGINE_RPM\nNaN\n", "line 2"},
		"ragged":          {"ENGINE_RPM,VEHICLE_SPEED\n800\n", "wrong number of fields"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := drivelog.Read(strings.NewReader(tc.in))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want something with %q", err, tc.want)
			}
		})
	}
}

func TestAValueThatDoesNotFitIsNamed(t *testing.T) {
	t.Parallel()
	rows, _, err := drivelog.Read(strings.NewReader("VEHICLE_SPEED,ENGINE_RPM\n999,800\n"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := rows[0].ELM327()
	if err == nil || !strings.Contains(err.Error(), "0D") {
		t.Errorf("got %v, want an error that names PID 0D", err)
	}
	if !strings.Contains(text, "41 0C") {
		t.Errorf("the sound value was lost: %q", text)
	}
}

// The real drive that the README replays; see the folder's README for its source.
func TestARecordedDrive(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "..", "shared", "data", "carobd_toyota_etios", "drive1.csv")
	f, err := os.Open(path)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("the recorded drives are not here: %v", err)
	}
	defer f.Close()
	rows, skipped, err := drivelog.Read(f)
	if err != nil || len(skipped) > 0 || len(rows) < 2000 {
		t.Fatalf("%d rows, skipped %v, %v", len(rows), skipped, err)
	}
	fastest := 0.0
	for _, r := range rows {
		fastest = max(fastest, decode(t, r)[vehicle.Speed])
	}
	if fastest < 20 || fastest > 200 {
		t.Errorf("fastest %v km/h", fastest)
	}
}
