package j1979_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func readings(t *testing.T, message []byte) []vehicle.Reading {
	t.Helper()
	answers, err := j1979.DecodeCurrent(message)
	if err != nil {
		t.Fatal(err)
	}
	var all []vehicle.Reading
	for _, a := range answers {
		all = append(all, a.Readings()...)
	}
	return all
}

func TestReadingsInVSSUnits(t *testing.T) {
	t.Parallel()
	const battery = "Vehicle.Powertrain.TractionBattery."
	tests := map[string]struct {
		message []byte
		want    []vehicle.Reading
	}{
		"speed":                 {[]byte{0x41, 0x0D, 0x3C}, []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(60)}}},
		"odometer in metres":    {[]byte{0x41, 0xA6, 0x00, 0x18, 0x4D, 0x47}, []vehicle.Reading{{Signal: vehicle.TraveledDistance, Value: vehicle.Number(159264700)}}},
		"module voltage":        {[]byte{0x41, 0x42, 0x37, 0x14}, []vehicle.Reading{{Signal: vehicle.LowVoltage, Value: vehicle.Number(14.1)}}},
		"several PIDs":          {[]byte{0x41, 0x0C, 0x1A, 0xF8, 0x0D, 0x3C}, []vehicle.Reading{{Signal: vehicle.EngineSpeed, Value: vehicle.Number(1726)}, {Signal: vehicle.Speed, Value: vehicle.Number(60)}}},
		"banks 3 and 4 ignored": {[]byte{0x41, 0x06, 0x80, 0x90}, []vehicle.Reading{{Signal: "Vehicle.OBD.ShortTermFuelTrim1", Value: vehicle.Number(0)}}},
		"lamp":                  {[]byte{0x41, 0x01, 0x83, 0x07, 0xFF, 0x00}, []vehicle.Reading{{Signal: "Vehicle.OBD.Status.IsMILOn", Value: vehicle.Bool(true)}, {Signal: "Vehicle.OBD.Status.DTCCount", Value: vehicle.Number(3)}}},
		"freeze frame cause":    {[]byte{0x41, 0x02, 0x01, 0x71}, []vehicle.Reading{{Signal: "Vehicle.OBD.FreezeDTC", Value: vehicle.Text("P0171")}}},
		"no freeze frame":       {[]byte{0x41, 0x02, 0x00, 0x00}, nil},
		"engine hours":          {[]byte{0x41, 0x7F, 0x01, 0, 0, 0x1C, 0x20, 0, 0, 0, 9, 0, 0, 0, 9}, []vehicle.Reading{{Signal: vehicle.EngineHours, Value: vehicle.Number(2)}}},
		"current into battery":  {[]byte{0x41, 0x9A, 0x0E, 0x00, 0x43, 0x00, 0xFE, 0x68}, []vehicle.Reading{{Signal: battery + "CurrentVoltage", Value: vehicle.Number(268)}, {Signal: battery + "CurrentCurrent", Value: vehicle.Number(40.8)}}},
		"unused oxygen trim":    {[]byte{0x41, 0x15, 0x9A, 0xFF}, []vehicle.Reading{{Signal: "Vehicle.OBD.O2.Sensor2.Voltage", Value: vehicle.Number(0.77)}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, readings(t, tt.message), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeCurrentRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		message []byte
		want    error
	}{
		"empty":           {nil, j1979.ErrShort},
		"service only":    {[]byte{0x41}, j1979.ErrShort},
		"one byte of two": {[]byte{0x41, 0x0C, 0x1A}, j1979.ErrShort},
		"no data":         {[]byte{0x41, 0x0D}, j1979.ErrShort},
		"flags only":      {[]byte{0x41, 0x66, 0x03}, j1979.ErrShort},
		"another service": {[]byte{0x43, 0x0D, 0x3C}, j1979.ErrNotThisService},
		"unknown PID":     {[]byte{0x41, 0x65, 0x00}, j1979.ErrUnknownPID},
		"cut negative":    {[]byte{0x7F, 0x01}, j1979.ErrShort},
	} {
		if _, err := j1979.DecodeCurrent(tt.message); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := j1979.DecodeCurrent([]byte{0x7F, 0x01, 0x12})
	var refused *j1979.NegativeError
	if !errors.As(err, &refused) || refused.Service != 1 || refused.Code != 0x12 || refused.Pending() {
		t.Errorf("got %v", err)
	}
	if _, err = j1979.DecodeCodes([]byte{0x7F, 0x03, 0x78}); !errors.As(err, &refused) || !refused.Pending() {
		t.Errorf("got %v", err)
	}
}

func TestCutAnswerGivesWholeFields(t *testing.T) {
	t.Parallel()
	answers, err := j1979.DecodeCurrent([]byte{0x41, 0x34, 0x80, 0x00, 0x80})
	if err != nil || !answers[0].Short || len(answers[0].Values) != 1 || answers[0].Values[0].Number != 1 {
		t.Errorf("got %+v, %v", answers, err)
	}
}

// TestEncodeRoundTrip encodes values that each field can carry and reads them
// back within half a step.
func TestEncodeRoundTrip(t *testing.T) {
	t.Parallel()
	pids := j1979.PIDs()
	rapid.Check(t, func(t *rapid.T) {
		pid := rapid.SampledFrom(pids).Draw(t, "pid")
		var give []float64
		want := map[string]float64{}
		step := map[string]float64{}
		for i, f := range pid.Measured() {
			lo, hi := f.Range()
			step[f.Name] = (hi - lo) / (math.Ldexp(1, f.Bits) - 1)
			if f.HasAbsent && f.Absent == 0 {
				lo += step[f.Name]
			} else if f.HasAbsent {
				hi -= step[f.Name]
			}
			v := rapid.Float64Range(lo, hi).Draw(t, f.Name)
			if (f.HasAbsent || f.Support > 0) && rapid.Bool().Draw(t, fmt.Sprint("without ", i)) {
				give = append(give, math.NaN())
				continue
			}
			give = append(give, v)
			want[f.Name] = v
		}
		message, err := j1979.EncodePID(pid.Number, give...)
		if err != nil {
			t.Fatal(err)
		}
		answers, err := j1979.DecodeCurrent(message)
		if err != nil || len(answers) != 1 || answers[0].Short || answers[0].PID.Number != pid.Number {
			t.Fatalf("%X: got %+v, %v", message, answers, err)
		}
		for _, v := range answers[0].Values {
			if v.Field.Flag {
				continue
			}
			w, ok := want[v.Field.Name]
			if !ok || math.Abs(v.Number-w) > step[v.Field.Name]*0.500001 {
				t.Fatalf("PID %02X %s: %v came back as %v from %X", pid.Number, v.Field.Name, w, v.Number, message)
			}
			delete(want, v.Field.Name)
		}
		if len(want) > 0 {
			t.Fatalf("PID %02X: lost %v in %X", pid.Number, want, message)
		}
	})
}

func TestEncodeNeverClamps(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func() ([]byte, error){
		"too fast":       func() ([]byte, error) { return j1979.EncodePID(0x0D, 256) },
		"below zero":     func() ([]byte, error) { return j1979.EncodePID(0x0D, -1) },
		"infinite":       func() ([]byte, error) { return j1979.EncodePID(0x0D, math.Inf(1)) },
		"not a number":   func() ([]byte, error) { return j1979.EncodePID(0x0D, math.NaN()) },
		"means absent":   func() ([]byte, error) { return j1979.EncodePID(0x14, 0.5, 99.21875) },
		"a value less":   func() ([]byte, error) { return j1979.EncodePID(0x14, 0.5) },
		"a value more":   func() ([]byte, error) { return j1979.EncodePID(0x0D, 1, 2) },
		"no such PID":    func() ([]byte, error) { return j1979.EncodePID(0x65, 1) },
		"no value given": func() ([]byte, error) { return j1979.EncodePID(0x0D) },
	} {
		if message, err := give(); err == nil {
			t.Errorf("%s: got %X", name, message)
		}
	}
}

func TestDecodeCodesForms(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		message []byte
		want    []vehicle.Code
		counted bool
		warned  bool
		err     error
	}{
		"CAN":                {[]byte{0x43, 0x02, 0x01, 0x20, 0x01, 0x21}, []vehicle.Code{"P0120", "P0121"}, true, false, nil},
		"CAN, none":          {[]byte{0x43, 0x00}, nil, true, false, nil},
		"pre-CAN":            {[]byte{0x43, 0x01, 0x33, 0xC1, 0x00, 0, 0}, []vehicle.Code{"P0133", "U0100"}, false, false, nil},
		"pre-CAN, none":      {[]byte{0x43, 0, 0, 0, 0, 0, 0}, nil, false, false, nil},
		"more than counted":  {[]byte{0x43, 0x01, 0x01, 0x20, 0x01, 0x21}, []vehicle.Code{"P0120"}, true, true, nil},
		"not padding":        {[]byte{0x43, 0x01, 0x01, 0x01, 0x71, 0xAA}, []vehicle.Code{"P0101"}, true, true, nil},
		"padding":            {[]byte{0x43, 0x01, 0x01, 0x71, 0xAA, 0xAA}, []vehicle.Code{"P0171"}, true, false, nil},
		"none and padding":   {[]byte{0x43, 0x00, 0x00, 0x00, 0x00, 0x00}, nil, true, false, nil},
		"a byte too many":    {[]byte{0x4A, 0x01, 0x01, 0x71, 0xFF}, []vehicle.Code{"P0171"}, true, true, nil},
		"none, one too many": {[]byte{0x43, 0x00, 0xFF}, nil, true, true, nil},
		"none, two zeros":    {[]byte{0x43, 0x00, 0x00}, nil, false, false, nil},
		"two words":          {[]byte{0x43, 0x02, 0x01, 0x01, 0x71}, []vehicle.Code{"P0201", "P0171"}, false, false, nil},
		"six bytes":          {[]byte{0x43, 0x02, 0x01, 0x01, 0x71, 0, 0}, []vehicle.Code{"P0201", "P0171"}, false, false, nil},
		"less than counted":  {[]byte{0x43, 0x03, 0x01, 0x20}, nil, false, false, j1979.ErrShort},
		"nothing":            {[]byte{0x43}, nil, false, false, j1979.ErrShort},
		"other service":      {[]byte{0x41, 0x0D, 0x3C}, nil, false, false, j1979.ErrNotThisService},
	} {
		got, err := j1979.DecodeCodes(tt.message)
		if !errors.Is(err, tt.err) || !cmp.Equal(tt.want, got.Codes) || got.Counted != tt.counted || (got.Warning != "") != tt.warned {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func ExampleEncodePID() {
	message, err := j1979.EncodePID(0x0C, 1726) // engine speed, rpm
	fmt.Printf("% X %v\n", message, err)
	// Output: 41 0C 1A F8 <nil>
}

func ExampleDecodeCurrent() {
	answers, _ := j1979.DecodeCurrent([]byte{0x41, 0x05, 0x5A})
	for _, r := range answers[0].Readings() {
		fmt.Println(r.Signal, r.Value)
	}
	// Output: Vehicle.Powertrain.CombustionEngine.EngineCoolant.Temperature 50
}

func FuzzDecode(f *testing.F) {
	for _, b := range [][]byte{{0x41, 0x0C, 0x1A, 0xF8, 0x0D, 0x3C}, {0x43, 0x01, 0x01, 0x33}, {0x7F, 1, 0x12}, {0x41, 0x34, 0xFF, 0xFF}, {0x41, 0x01, 1, 2, 3, 4}} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		answers, err := j1979.DecodeCurrent(message)
		if (err == nil) != (len(answers) > 0) {
			t.Fatal(answers, err)
		}
		for _, a := range answers {
			for _, v := range a.Values {
				if lo, hi := v.Field.Range(); v.Number < lo || v.Number > hi {
					t.Fatalf("PID %02X %s: %v", a.PID.Number, v.Field.Name, v.Number)
				}
			}
			a.Readings()
		}
		if c, err := j1979.DecodeCodes(message); err == nil && 2*len(c.Codes) >= len(message) {
			t.Fatal(c)
		}
		_, _ = j1979.DecodeReadiness(message)
	})
}
