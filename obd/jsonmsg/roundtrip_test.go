package jsonmsg_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// drawReadings gives readings as a decoder would: signals once each, values of
// the signal's kind and within its limits.
func drawReadings(t *rapid.T, least int) []vehicle.Reading {
	number := rapid.OneOf(
		rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64),
		rapid.Float64Range(0, 100),
		rapid.Map(rapid.Int64(), func(i int64) float64 { return float64(i) / 1000 }),
		rapid.SampledFrom([]float64{0, 5e-324, 1e-7, 1e21, 1e22, 123456789012345680, 0.1, 1.7976931348623157e308}),
	)
	var readings []vehicle.Reading
	add := func(s vehicle.Signal, v vehicle.Value) {
		readings = append(readings, vehicle.Reading{Signal: s, Value: v})
	}
	add(vehicle.Speed, vehicle.Number(number.Draw(t, "speed")))
	if rapid.Bool().Draw(t, "with distance") {
		add(vehicle.TraveledDistance, vehicle.Number(float64(rapid.Uint32().Draw(t, "distance"))))
	}
	if rapid.Bool().Draw(t, "with boolean") {
		add("Vehicle.IsMoving", vehicle.Bool(rapid.Bool().Draw(t, "moving")))
	}
	if rapid.Bool().Draw(t, "with text") {
		add(vehicle.Brand, vehicle.Text(rapid.String().Draw(t, "brand")))
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.StringN(1, 20, 60), least, least+3, rapid.ID).Draw(t, "unknown") {
		add(vehicle.Signal("x."+name), vehicle.Number(number.Draw(t, "value")))
	}
	return readings
}

func drawTime(t *rapid.T) time.Time {
	return time.Unix(rapid.Int64Range(946684800, 1795341604).Draw(t, "time"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
}

func TestTelemetryRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := vehicle.Report{VIN: vin, Boot: rapid.StringN(0, 8, 24).Draw(t, "boot"), Seq: rapid.Uint64().Draw(t, "seq")}
		if rapid.Bool().Draw(t, "sent") {
			want.Sent = drawTime(t)
		}
		for range rapid.IntRange(0, 4).Draw(t, "samples") {
			want.Samples = append(want.Samples, vehicle.Sample{Time: drawTime(t), Readings: drawReadings(t, 0)})
		}
		payload := jsonmsg.AppendTelemetry(nil, want)
		if !json.Valid(payload) {
			t.Fatalf("not JSON: %s", payload)
		}
		got, refused, err := jsonmsg.DecodeTelemetry(vin, payload, received)
		if err != nil || len(refused) > 0 {
			t.Fatalf("%v %q in %s", err, refused, payload)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s\n%s", diff, payload)
		}
	})
}

func TestCodesRoundTrip(t *testing.T) {
	t.Parallel()
	statuses := []vehicle.CodeStatus{vehicle.CodePending, vehicle.CodeConfirmed, vehicle.CodePermanent}
	rapid.Check(t, func(t *rapid.T) {
		want := vehicle.CodeReport{Time: drawTime(t), ECU: rapid.SampledFrom([]string{"", "7E8", "18DAF110"}).Draw(t, "ecu")}
		if rapid.Bool().Draw(t, "with lamp") {
			want.MIL = ptr(rapid.Bool().Draw(t, "lamp"))
		}
		if rapid.Bool().Draw(t, "with readiness") {
			told := rapid.Permutation(vehicle.Monitors()).Draw(t, "monitors")
			all := rapid.IntRange(0, len(told)).Draw(t, "has")
			complete := rapid.IntRange(0, all).Draw(t, "complete")
			want.Readiness = ptr(vehicle.NewReadiness(told[:complete], told[complete:all]))
		}
		want.Covers = rapid.SampledFrom([][]vehicle.CodeStatus{nil, statuses[:1], statuses[1:], statuses, {vehicle.CoversNone}}).Draw(t, "covers")
		allowed := want.Covers
		if allowed == nil || allowed[0] == vehicle.CoversNone {
			allowed = statuses
		}
		for _, w := range rapid.SliceOfNDistinct(rapid.Uint16Range(1, math.MaxUint16), 0, 4, rapid.ID).Draw(t, "codes") {
			c, _ := vehicle.CodeFromWord(w)
			e := vehicle.CodeEntry{Code: c, Status: rapid.SampledFrom(allowed).Draw(t, "status")}
			if rapid.Bool().Draw(t, "details") {
				e.UDS, e.Severity = ptr(rapid.Uint8().Draw(t, "uds")), ptr(rapid.Uint8().Draw(t, "severity"))
				e.FreezeFrame = drawReadings(t, 1)
			}
			want.Codes = append(want.Codes, e)
		}
		payload := jsonmsg.AppendCodes(nil, "b7", 9, want)
		got, refused, err := jsonmsg.DecodeCodes(vin, payload, received)
		if err != nil || len(refused) > 0 {
			t.Fatalf("%v %q in %s", err, refused, payload)
		}
		if diff := cmp.Diff(vehicle.Report{VIN: vin, Boot: "b7", Seq: 9, Codes: []vehicle.CodeReport{want}}, got); diff != "" {
			t.Fatalf("(-want +got):\n%s\n%s", diff, payload)
		}
	})
}

func TestAdapterRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at, text := drawTime(t), rapid.String().Draw(t, "text")
		got, _, err := jsonmsg.DecodeAdapter(vin, jsonmsg.AppendAdapter(nil, "b7", 3, at, text), received)
		if err != nil || got.Text != text || !got.Time.Equal(at) || got.Report.Boot != "b7" || got.Report.Seq != 3 {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
}

func TestEncoderLeavesOutWhatIsNotTrue(t *testing.T) {
	t.Parallel()
	bad := []vehicle.Reading{
		{Signal: "a", Value: vehicle.Number(math.NaN())}, {Signal: "b", Value: vehicle.Number(math.Inf(1))},
		{Signal: vehicle.Speed, Value: vehicle.Number(3), Quality: vehicle.QualityInvalid},
	}
	r := vehicle.Report{Samples: []vehicle.Sample{
		{Time: measured, Readings: bad},
		{Time: measured, Readings: append(bad, vehicle.Reading{Signal: vehicle.FuelLevel, Value: vehicle.Number(120), Quality: vehicle.QualityOutOfRange})},
	}}
	want := `{"seq":0,"samples":[{"time":"2026-11-22T09:59:58.12Z","signals":{"Vehicle.Powertrain.FuelSystem.RelativeLevel":120}}]}`
	if got := string(jsonmsg.AppendTelemetry(nil, r)); got != want {
		t.Errorf("got %s", got)
	}
}

// TestAgreesWithEncodingJSON feeds numbers and texts that both sides accept.
func TestAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	digits := rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?`)
	rapid.Check(t, func(t *rapid.T) {
		text := digits.Draw(t, "number")
		got, _, err := jsonmsg.DecodeTelemetry(vin, []byte(sample(`"x":`+text)), received)
		var want float64
		if json.Unmarshal([]byte(text), &want) != nil { // beyond float64
			if err == nil {
				t.Fatalf("%s: got %v", text, got)
			}
			return
		}
		if err != nil || got.Samples[0].Readings[0].Value.Num != want {
			t.Fatalf("%s: got %v, %v, want %v", text, got, err, want)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		sample(`"Vehicle.Speed":63.2,"x":-1e-3,"Vehicle.IsMoving":true,"Vehicle.Powertrain.Type":"\u00e4\ud83d\ude97"`),
		`{"boot":"b7","seq":1842,"sent":"2026-11-22T10:00:05Z","time":"2026-11-22T10:00:05Z","ecu":"7E8","mil":true,"covers":["confirmed"],"codes":[{"code":"P0171","status":"confirmed","uds":1,"severity":2,"freezeFrame":{"Vehicle.Speed":40}}]}`,
		`{"time":"2026-11-22T10:00:05Z","frames":[{"id":"7E8","data":"03410D3C"}]}`,
		`{"time":"2026-11-22T10:00:05Z","elm327":"410D3C\r>"}`,
		`{"samples":[{"time":"2026-11-22T09:59:58Z","signals":{"a":NaN,"b":-Infinity,"a":1,"c":["x"]}}]}`,
		"online", `{"x":` + strings.Repeat("[", 64), "{\"\xff\":\"\\ud800\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var typed *vehicle.Refusal
		report, refused, err := jsonmsg.DecodeTelemetry(vin, payload, received)
		if err != nil && !errors.As(err, &typed) || len(refused) > jsonmsg.MaxRefusals+1 {
			t.Fatal(err, len(refused))
		}
		if err == nil && len(refused) == 0 && json.Valid(payload) {
			again, _, err := jsonmsg.DecodeTelemetry(vin, jsonmsg.AppendTelemetry(nil, report), received)
			if diff := cmp.Diff(report, again); err != nil || diff != "" {
				t.Fatalf("%v\n%s", err, diff)
			}
		}
		report, refused, err = jsonmsg.DecodeCodes(vin, payload, received)
		if err == nil && len(refused) == 0 {
			again, _, err := jsonmsg.DecodeCodes(vin, jsonmsg.AppendCodes(nil, report.Boot, report.Seq, report.Codes[0]), received)
			again.Sent = report.Sent
			if diff := cmp.Diff(report, again); err != nil || diff != "" {
				t.Fatalf("%v\n%s", err, diff)
			}
		}
		if _, _, err := jsonmsg.DecodeAdapter(vin, payload, received); err != nil && !errors.As(err, &typed) {
			t.Fatal(err)
		}
		if _, err := jsonmsg.DecodeStatus(payload); err != nil && !errors.As(err, &typed) {
			t.Fatal(err)
		}
	})
}

// benchmarkPayload is a message of one sample with 20 signals.
func benchmarkPayload() []byte {
	known := []vehicle.Signal{
		vehicle.Speed, vehicle.TraveledDistance, vehicle.AirTemperature, vehicle.LowVoltage, vehicle.EngineSpeed,
		vehicle.EngineHours, vehicle.CoolantTemperature, vehicle.OilTemperature, vehicle.FuelLevel, vehicle.TractionSoC,
		vehicle.TractionSoH, vehicle.TractionTemperature, vehicle.PadWearFrontLeft, vehicle.PadWearFrontRight,
		vehicle.PadWearRearLeft, vehicle.PadWearRearRight, "Vehicle.CurrentLocation.Latitude",
		"Vehicle.CurrentLocation.Longitude", "Vehicle.CurrentLocation.Altitude", "Vehicle.OBD.ShortTermFuelTrim1",
	}
	s := vehicle.Sample{Time: measured}
	for i, k := range known {
		s.Readings = append(s.Readings, vehicle.Reading{Signal: k, Value: vehicle.Number(float64(i)*4.25 + 0.125)})
	}
	return jsonmsg.AppendTelemetry(nil, vehicle.Report{Boot: "b7", Seq: 1841, Sent: received, Samples: []vehicle.Sample{s}})
}

// BenchmarkDecode compares the scanner with encoding/json into a map, on one
// message with 20 signals.
func BenchmarkDecode(b *testing.B) {
	payload := benchmarkPayload()
	b.Run("jsonmsg", func(b *testing.B) {
		b.SetBytes(int64(len(payload)))
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := jsonmsg.DecodeTelemetry(vin, payload, received); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json-map", func(b *testing.B) {
		b.SetBytes(int64(len(payload)))
		b.ReportAllocs()
		for b.Loop() {
			var m map[string]any
			if err := json.Unmarshal(payload, &m); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func ExampleDecodeTelemetry() {
	payload := []byte(`{"seq": 7, "samples": [{"time": "2026-11-22T09:59:58Z",
	  "signals": {"Vehicle.Speed": 63.2, "Vehicle.TraveledDistance": "far"}}]}`)
	report, refused, err := jsonmsg.DecodeTelemetry("1HGCM82633A004352", payload, time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range report.Samples[0].Readings {
		fmt.Println(r.Signal, r.Value)
	}
	for _, r := range refused {
		fmt.Println(r)
	}
	// Output:
	// Vehicle.Speed 63.2
	// samples[0].signals.Vehicle.TraveledDistance, byte 122: want uint32, not a text
}
