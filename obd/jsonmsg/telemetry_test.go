package jsonmsg_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const vin vehicle.VIN = "1HGCM82633A004352"

var (
	received = time.Date(2026, 11, 22, 10, 0, 4, 0, time.UTC)
	measured = time.Date(2026, 11, 22, 9, 59, 58, 120_000_000, time.UTC)
)

// sample wraps the members of a signals object into a telemetry message.
func sample(signals string) string {
	return `{"samples":[{"time":"2026-11-22T09:59:58.120Z","signals":{` + signals + `}}]}`
}

func TestDecodeTelemetry(t *testing.T) {
	t.Parallel()
	payload := `{"boot": "b7", "seq": 1841, "sent": "2026-11-22T10:00:03Z", "future": {"a": [1, {"b": null}]},
 "samples": [{"signals": {"Vehicle.Speed": 63.2, "Vehicle.TraveledDistance": 48213400, "Vehicle.IsMoving": true,
   "Vehicle.Powertrain.Type": "HYBRID", "Vehicle.Powertrain.FuelSystem.SupportedFuelTypes": ["GASOLINE", "E85"],
   "ACME.Widget": -1e-3}, "time": "2026-11-22T11:59:58.120+02:00", "note": "time may follow"}]}`
	got, refused, err := jsonmsg.DecodeTelemetry(vin, []byte(payload), received)
	if err != nil || len(refused) > 0 {
		t.Fatal(err, refused)
	}
	want := vehicle.Report{
		VIN: vin, Boot: "b7", Seq: 1841, Sent: time.Date(2026, 11, 22, 10, 0, 3, 0, time.UTC),
		Samples: []vehicle.Sample{{Time: measured, Readings: []vehicle.Reading{
			{Signal: vehicle.Speed, Value: vehicle.Number(63.2)},
			{Signal: vehicle.TraveledDistance, Value: vehicle.Number(48213400)},
			{Signal: "Vehicle.IsMoving", Value: vehicle.Bool(true)},
			{Signal: vehicle.PowertrainType, Value: vehicle.Text("HYBRID")},
			{Signal: vehicle.SupportedFuel, Value: vehicle.Text("GASOLINE,E85")},
			{Signal: "ACME.Widget", Value: vehicle.Number(-0.001)},
		}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeTelemetryMarksValuesOutOfRange(t *testing.T) {
	t.Parallel()
	for signal, bad := range map[vehicle.Signal]float64{
		vehicle.FuelLevel: 100.5, vehicle.TractionSoC: -1, vehicle.TraveledDistance: -5, vehicle.PadWearFrontLeft: 101,
		"Vehicle.CurrentLocation.Latitude": 90.01,
	} {
		got, refused, err := jsonmsg.DecodeTelemetry(vin, []byte(sample(fmt.Sprintf("%q:%v", signal, bad))), received)
		if err != nil || len(refused) > 0 {
			t.Fatal(err, refused)
		}
		want := vehicle.Reading{Signal: signal, Value: vehicle.Number(bad), Quality: vehicle.QualityOutOfRange}
		if diff := cmp.Diff(want, got.Samples[0].Readings[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", signal, diff)
		}
	}
}

// TestDecodeTelemetryRefusesOneReading spoils one reading between two good ones.
func TestDecodeTelemetryRefusesOneReading(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ member, place, reason string }{
		"number as text":     {`"Vehicle.TraveledDistance":"48213400"`, "Vehicle.TraveledDistance", "want uint32, not a text"},
		"boolean for number": {`"Vehicle.TraveledDistance":true`, "Vehicle.TraveledDistance", "not a boolean"},
		"number for boolean": {`"Vehicle.IsMoving":1`, "Vehicle.IsMoving", "want boolean, not a number"},
		"number for text":    {`"Vehicle.Powertrain.Type":3`, "Vehicle.Powertrain.Type", "want string, not a number"},
		"null":               {`"Vehicle.TraveledDistance":null`, "Vehicle.TraveledDistance", "null is not a value"},
		"NaN":                {`"Vehicle.TraveledDistance":NaN`, "Vehicle.TraveledDistance", "NaN is not a value"},
		"Infinity":           {`"Vehicle.TraveledDistance":Infinity`, "Vehicle.TraveledDistance", "Infinity is not a value"},
		"-Infinity":          {`"Vehicle.TraveledDistance":-Infinity`, "Vehicle.TraveledDistance", "number is not finite"},
		"too large":          {`"Vehicle.TraveledDistance":1e999`, "Vehicle.TraveledDistance", "number is not finite"},
		"object":             {`"Vehicle.TraveledDistance":{"value":1}`, "Vehicle.TraveledDistance", "an object is not a value"},
		"list of numbers":    {`"Vehicle.TraveledDistance":[1,2]`, "Vehicle.TraveledDistance", "only if it holds texts"},
		"cell voltages":      {`"Vehicle.Powertrain.TractionBattery.CellVoltage.CellVoltages":"3.7"`, "CellVoltages", "want float[], not a text"},
		"text has a comma":   {`"Vehicle.Powertrain.FuelSystem.SupportedFuelTypes":["a,b"]`, "SupportedFuelTypes", "has a comma"},
		"unknown text":       {`"ACME.Mode":"eco"`, "ACME.Mode", "only numbers are kept"},
		"empty name":         {`"":1`, "", "name is not 1 to"},
		"long name":          {`"` + strings.Repeat("x", 300) + `":1`, "xxx", "name is not 1 to"},
		"name not UTF-8":     {"\"Vehicle\xff\":1", `\xff`, "name is not UTF-8"},
		"half a surrogate":   {`"\ud800":1`, `\xff`, "name is not UTF-8"},
		"text not UTF-8":     {"\"Vehicle.Powertrain.Type\":\"\xc3\x28\"", "Vehicle.Powertrain.Type", "text is not UTF-8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			payload := sample(`"Vehicle.Speed":10,` + tt.member + `,"Vehicle.LowVoltageBattery.CurrentVoltage":14.1`)
			got, refused, err := jsonmsg.DecodeTelemetry(vin, []byte(payload), received)
			if err != nil {
				t.Fatal(err)
			}
			want := []vehicle.Reading{
				{Signal: vehicle.Speed, Value: vehicle.Number(10)},
				{Signal: vehicle.LowVoltage, Value: vehicle.Number(14.1)},
			}
			if diff := cmp.Diff(want, got.Samples[0].Readings); diff != "" {
				t.Errorf("neighbours (-want +got):\n%s", diff)
			}
			if len(refused) != 1 || !strings.Contains(refused[0].Where(), tt.place) || !strings.Contains(refused[0].Reason, tt.reason) {
				t.Errorf("refused %q, want %s: %s", refused, tt.place, tt.reason)
			}
			if !strings.HasPrefix(refused[0].Where(), "samples[0].signals.") || !strings.Contains(refused[0].Where(), ", byte ") {
				t.Errorf("place %q does not say where", refused[0].Where())
			}
		})
	}
}

func TestDecodeTelemetryRefusesBothOfTwins(t *testing.T) {
	t.Parallel()
	payload := sample(`"Vehicle.Speed":10,"Vehicle.IsMoving":true,"Vehicle.Speed":90`)
	got, refused, err := jsonmsg.DecodeTelemetry(vin, []byte(payload), received)
	if err != nil {
		t.Fatal(err)
	}
	if r := got.Samples[0].Readings; len(r) != 1 || r[0].Signal != "Vehicle.IsMoving" {
		t.Errorf("got %v", r)
	}
	if len(refused) != 1 || !strings.Contains(refused[0].Reason, "neither is used") {
		t.Errorf("refused %q", refused)
	}
}

// TestDecodeTelemetryRefusesOneSample spoils one sample between two good ones.
func TestDecodeTelemetryRefusesOneSample(t *testing.T) {
	t.Parallel()
	many := make([]string, jsonmsg.MaxSignals+1)
	for i := range many {
		many[i] = fmt.Sprintf(`"s%d":1`, i)
	}
	for name, tt := range map[string]struct{ sample, reason string }{
		"no time":            {`{"signals":{"Vehicle.Speed":1}}`, `"time" missing`},
		"no signals":         {`{"time":"2026-11-22T09:00:00Z"}`, `"signals" missing`},
		"not an object":      {`17`, "a sample is an object"},
		"signals are a list": {`{"time":"2026-11-22T09:00:00Z","signals":[1]}`, "signals are an object"},
		"time is a number":   {`{"time":1700000000,"signals":{"Vehicle.Speed":1}}`, "a time is a text"},
		"time without zone":  {`{"time":"2026-11-22T09:00:00","signals":{"Vehicle.Speed":1}}`, "not RFC 3339"},
		"no such day":        {`{"time":"2026-02-30T09:00:00Z","signals":{"Vehicle.Speed":1}}`, "not RFC 3339"},
		"year 0":             {`{"time":"0000-01-01T00:00:00Z","signals":{"Vehicle.Speed":1}}`, "before the year 2000"},
		"year 1970":          {`{"time":"1970-01-01T00:00:07Z","signals":{"Vehicle.Speed":1}}`, "before the year 2000"},
		"in the future":      {`{"time":"2026-11-23T10:00:04Z","signals":{"Vehicle.Speed":1}}`, "ahead of the receive time"},
		"two times":          {`{"time":"2026-11-22T09:00:00Z","time":"2026-11-22T09:00:01Z","signals":{"Vehicle.Speed":1}}`, `"time" given twice`},
		"two signals":        {`{"time":"2026-11-22T09:00:00Z","signals":{"Vehicle.Speed":1},"signals":{"Vehicle.Speed":2}}`, `"signals" given twice`},
		"too many signals":   {`{"time":"2026-11-22T09:00:00Z","signals":{` + strings.Join(many, ",") + `}}`, "more than 512 signals"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := `{"time":"2026-11-22T09:59:58.120Z","signals":{"Vehicle.Speed":10}}`
			got, refused, err := jsonmsg.DecodeTelemetry(vin, []byte(`{"samples":[`+good+`,`+tt.sample+`,`+good+`]}`), received)
			if err != nil {
				t.Fatal(err)
			}
			want := vehicle.Sample{Time: measured, Readings: []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(10)}}}
			if diff := cmp.Diff([]vehicle.Sample{want, want}, got.Samples); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(refused) != 1 || !strings.HasPrefix(refused[0].Where(), "samples[1]") || !strings.Contains(refused[0].Reason, tt.reason) {
				t.Errorf("refused %q, want %s", refused, tt.reason)
			}
		})
	}
}

// A device without a clock sends what it measures now, and no time. Of several samples
// without one nobody can tell which is now.
func TestDecodeTelemetryTakesTheTimeOfReceipt(t *testing.T) {
	t.Parallel()
	const undated = `{"signals":{"Vehicle.Speed":10}}`
	speed := []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(10)}}
	got, refused, err := jsonmsg.DecodeTelemetry(vin, []byte(`{"samples":[`+undated+`]}`), received)
	want := []vehicle.Sample{{Time: received, TimeSource: vehicle.TimeFromReceiver, Readings: speed}}
	if diff := cmp.Diff(want, got.Samples); diff != "" || len(refused) != 0 || err != nil {
		t.Errorf("refused %q, %v (-want +got):\n%s", refused, err, diff)
	}
	if _, _, err := jsonmsg.DecodeTelemetry(vin, []byte(`{"samples":[`+undated+`]}`), time.Time{}); err == nil {
		t.Error("a sample without a time has none when nobody knows when it came")
	}

	dated := `{"time":"2026-11-22T09:59:58.120Z","signals":{"Vehicle.Speed":10}}`
	got, refused, err = jsonmsg.DecodeTelemetry(vin, []byte(`{"samples":[`+undated+`,`+dated+`]}`), received)
	want = []vehicle.Sample{{Time: measured, Readings: speed}}
	if diff := cmp.Diff(want, got.Samples); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if len(refused) != 1 || refused[0].Place != "samples[0]" || refused[0].Offset != 12 || !strings.Contains(refused[0].Reason, "only a message's one sample") {
		t.Errorf("refused %q", refused)
	}
}

func TestDecodeTelemetryRefusesTheMessage(t *testing.T) {
	t.Parallel()
	good := `{"time":"2026-11-22T09:59:58Z","signals":{"Vehicle.Speed":10}}`
	for name, tt := range map[string]struct {
		payload string
		offset  int
		reason  string
	}{
		"empty":                {``, 0, "message ends early"},
		"not an object":        {`[1]`, 0, "want '{'"},
		"cut in a number":      {`{"samples":[{"time":"2026-11-22T09:59:58Z","signals":{"Vehicle.Speed":1`, 71, "message ends early"},
		"cut in a text":        {`{"boot":"b7`, 11, "ends inside a string"},
		"text after it":        {`{"samples":[]} x`, 15, "more text after"},
		"NUL after it":         {"{\"samples\":[]}\x00", 14, "more text after"},
		"comma at the end":     {`{"samples":[],}`, 14, "want a member"},
		"no colon":             {`{"samples" []}`, 11, "want ':'"},
		"single quotes":        {`{'samples':[]}`, 1, "want a string"},
		"leading zero":         {sample(`"Vehicle.Speed":063`), 74, "want a value"},
		"plus sign":            {sample(`"Vehicle.Speed":+63`), 74, "want a value"},
		"point without digit":  {sample(`"Vehicle.Speed":63.`), 77, "want a digit after '.'"},
		"exponent without one": {sample(`"Vehicle.Speed":6e+`), 77, "want a digit in the exponent"},
		"control character":    {"{\"boot\":\"b\n7\"}", 10, "control character"},
		"unknown escape":       {`{"boot":"b\q"}`, 10, "unknown escape"},
		"no samples":           {`{"boot":"b7","seq":1}`, 21, "missing"},
		"samples twice":        {`{"samples":[],"samples":[]}`, 24, "given twice"},
		"seq twice":            {`{"seq":1,"seq":2,"samples":[]}`, 15, "given twice"},
		"boot is a number":     {`{"boot":7,"samples":[]}`, 8, "not a text"},
		"boot not UTF-8":       {"{\"boot\":\"\xff\",\"samples\":[]}", 8, "not UTF-8"},
		"another vehicle":      {`{"vin":"1HGCM82633A004353","samples":[` + good + `]}`, 7, "another vehicle"},
		"samples is null":      {`{"samples":null}`, 11, "want '['"},
		"64 deep":              {`{"x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `,"samples":[` + good + `]}`, 20, "nested deeper"},
		"64 objects deep":      {`{"x":` + strings.Repeat(`{"x":`, 64) + "1" + strings.Repeat("}", 64) + `}`, 80, "nested deeper"},
		"too many samples":     {`{"samples":[1` + strings.Repeat(",1", jsonmsg.MaxSamples) + `]}`, 11, "more than 10000 samples"},
		"too large":            {strings.Repeat(" ", jsonmsg.MaxPayload+1), jsonmsg.MaxPayload, "larger than"},
		"no sample left":       {`{"samples":[{"signals":{}}]}`, 12, `"time" missing`},
		"times of all missing": {`{"samples":[{"signals":{"Vehicle.Speed":1}},{"signals":{"Vehicle.Speed":2}}]}`, 44, `"time" missing`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, err := jsonmsg.DecodeTelemetry(vin, []byte(tt.payload), received)
			var typed *vehicle.Refusal
			if !errors.As(err, &typed) {
				t.Fatalf("got %v, %+v", err, got)
			}
			if typed.Offset != tt.offset || !strings.Contains(typed.Reason, tt.reason) {
				t.Errorf("got %q at byte %d, want %q at %d", typed.Reason, typed.Offset, tt.reason, tt.offset)
			}
		})
	}
}

func TestDecodeTelemetryKeepsTheRestOfTheEnvelope(t *testing.T) {
	t.Parallel()
	got, refused, err := jsonmsg.DecodeTelemetry(vin, []byte(`{"sent":"yesterday","seq":18446744073709551615,"samples":[]}`), received)
	if err != nil || got.Seq != math.MaxUint64 || !got.Sent.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	if want := []*vehicle.Refusal{{Offset: 8, Place: "sent", Reason: "time is not RFC 3339"}}; !cmp.Equal(want, refused) {
		t.Errorf("refused %q", refused)
	}
}

func TestDecodeTelemetryKeepsSamplesOfAWrongCounter(t *testing.T) {
	t.Parallel()
	for _, seq := range []string{`-1`, `1.5`, `18446744073709551616`, `"2"`, `null`, `[1]`} {
		payload := `{"seq":` + seq + `,"samples":[{"time":"2026-11-22T09:59:58Z","signals":{"Vehicle.Speed":1}}]}`
		got, refused, err := jsonmsg.DecodeTelemetry(vin, []byte(payload), received)
		if err != nil || len(got.Samples) != 1 || got.Seq != 0 || len(refused) != 1 || refused[0].Place != "seq" || refused[0].Offset != 7 {
			t.Errorf("seq %s: got %+v, %v, %v", seq, got, refused, err)
		}
	}
}

func TestDecodeTelemetryBoundsTheRefusals(t *testing.T) {
	t.Parallel()
	bad := strings.Repeat(`{},`, 5000)
	_, refused, err := jsonmsg.DecodeTelemetry(vin, []byte(`{"samples":[`+bad+`{"time":"2026-11-22T09:59:58Z","signals":{"Vehicle.Speed":10}}]}`), received)
	if err != nil || len(refused) != jsonmsg.MaxRefusals+1 {
		t.Fatalf("%d refusals, %v", len(refused), err)
	}
	if last := refused[jsonmsg.MaxRefusals].Reason; last != "4936 more parts refused" {
		t.Errorf("got %q", last)
	}
}

func TestSamplesDoNotShareSpace(t *testing.T) {
	t.Parallel()
	one := `{"time":"2026-11-22T09:59:58Z","signals":{"Vehicle.Speed":10}}`
	got, _, err := jsonmsg.DecodeTelemetry(vin, []byte(`{"samples":[`+one+`,`+one+`]}`), received)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(got.Samples[0].Readings, vehicle.Reading{Signal: "intruder"})
	if got.Samples[1].Readings[0].Signal != vehicle.Speed {
		t.Error("appending to one sample wrote into the next")
	}
}
