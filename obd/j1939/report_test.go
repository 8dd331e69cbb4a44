package j1939_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const vin = vehicle.VIN("3HAMKSTN0FL575012")

var at = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func report(t *testing.T, lines ...string) (vehicle.Report, []*vehicle.Refusal) {
	t.Helper()
	return j1939.DecodeReport(vin, at, frames(t, lines...), j1939.Options{})
}

func TestReportOfCodes(t *testing.T) {
	t.Parallel()
	got, refusals := report(t,
		"18FECA00#40C061021300FFFF", // lamp on, one code
		"18FECA00#40C061021300FFFF", // again
		bam, first, second,          // then three codes, lamp off
		"18FECA17#400061021300FFFF", // the instrument cluster: lamp flashes
		"18FECA03#C0FF00000000FFFF", // the gearbox: no lamp, no code
		"18FECB00#00FFEE100401FFFF", // the engine's history
		"18FECA0B#00FF61",           // the brakes: cut short
	)
	on, off := true, false
	confirmed := func(codes ...vehicle.Code) (all []vehicle.CodeEntry) {
		for _, c := range codes {
			all = append(all, vehicle.CodeEntry{Code: c, Status: vehicle.CodeConfirmed})
		}
		return all
	}
	covers := []vehicle.CodeStatus{vehicle.CodeConfirmed}
	want := vehicle.Report{VIN: vin, Codes: []vehicle.CodeReport{
		{Time: at, ECU: "SA00", MIL: &off, Covers: covers, Broadcast: true, Codes: confirmed("SPN609-FMI19", "SPN1569-FMI31", "SPN4334-FMI4")},
		{Time: at, ECU: "SA17", MIL: &on, Covers: covers, Broadcast: true, Codes: confirmed("SPN609-FMI19")},
		{Time: at, ECU: "SA03", Covers: covers, Broadcast: true},
		{Time: at, ECU: "SA00", Covers: []vehicle.CodeStatus{vehicle.CodeHistory}, Codes: []vehicle.CodeEntry{{Code: "SPN4334-FMI4", Status: vehicle.CodeHistory}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantRefusals := []*vehicle.Refusal{{Offset: 2, Place: "frames[8]", Reason: "a trouble code is cut short: 1 of 4 bytes"}}
	if diff := cmp.Diff(wantRefusals, refusals); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReportSettlesOnOneValue(t *testing.T) {
	t.Parallel()
	const (
		detailed = "18FEC117#80140600FFFFFFFF" // 1992.32 km
		plain    = "18FEE000#FFFFFFFF40420F00" // 125000 km
		broken   = "18FEC117#000000FEFFFFFFFF"
	)
	for name, tt := range map[string]struct {
		lines []string
		want  vehicle.Reading
	}{
		"high resolution first":  {[]string{detailed, plain}, vehicle.Reading{Signal: vehicle.TraveledDistance, Value: vehicle.Number(1992320)}},
		"high resolution last":   {[]string{plain, detailed}, vehicle.Reading{Signal: vehicle.TraveledDistance, Value: vehicle.Number(1992320)}},
		"high resolution broken": {[]string{plain, broken}, vehicle.Reading{Signal: vehicle.TraveledDistance, Value: vehicle.Number(125000000)}},
		"only broken":            {[]string{broken}, vehicle.Reading{Signal: vehicle.TraveledDistance, Quality: vehicle.QualityAbnormal}},
		"the later":              {[]string{"18FEF100#FF0050FFFFFFFFFF", "18FEF100#FF0051FFFFFFFFFF"}, vehicle.Reading{Signal: vehicle.Speed, Value: vehicle.Number(81)}},
		"the engine":             {[]string{"18FEF100#FF0050FFFFFFFFFF", "18FEF10B#FF0051FFFFFFFFFF"}, vehicle.Reading{Signal: vehicle.Speed, Value: vehicle.Number(80)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, refusals := report(t, tt.lines...)
			if len(got.Samples) != 1 || len(refusals) > 0 || !got.Samples[0].Time.Equal(at) {
				t.Fatalf("got %+v, %v", got, refusals)
			}
			for _, r := range got.Samples[0].Readings {
				if r.Signal == tt.want.Signal && r != tt.want {
					t.Errorf("got %+v, want %+v", r, tt.want)
				}
			}
		})
	}
}

func vinFrames(t *testing.T, text string) []can.Frame {
	t.Helper()
	all, err := j1939.AppendMessage(nil, j1939.Header{Priority: 6, PGN: j1939.PGNVIN, Destination: j1939.Global}, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestReportOfAnotherVehicle(t *testing.T) {
	t.Parallel()
	speed := frames(t, "18FEF100#FF0050FFFFFFFFFF", "18FECA00#40C061021300FFFF")
	for text, want := range map[string]string{
		string(vin) + "*":    "",
		"*":                  "",
		"\xFF\xFF\xFF":       "",
		"1M8GDM9AXKP042788*": "frames[5]: the vehicle says it is another one: 1M8GDM9AXKP042788",
		"NO VIN*":            "frames[2]: vehicle identification: parse VIN \"NO VIN\": length at byte 1",
	} {
		got, refusals := j1939.DecodeReport(vin, at, append(speed[:2:2], vinFrames(t, text)...), j1939.Options{})
		another := text[0] == '1'
		if used := len(got.Samples) + len(got.Codes); another == (used > 0) {
			t.Errorf("%q: %d parts are used", text, used)
		}
		switch {
		case want == "" && len(refusals) > 0:
			t.Errorf("%q: %v", text, refusals)
		case want != "" && (len(refusals) != 1 || refusals[0].Error() != want):
			t.Errorf("%q: got %v, want %s", text, refusals, want)
		}
	}
}

func TestIgnoredGroupsAreCounted(t *testing.T) {
	t.Parallel()
	got := j1939.Decode(frames(t,
		"18FEDF00#0102030405060708", "18FEDF00#0102030405060708", "18EAFF00#ECFE00",
		"18FEF100#FF0050FFFFFFFFFF", "18FEF100#FF0050FFFFFFFFFF",
	), j1939.Options{})
	want := []j1939.Ignored{{PGN: 59904, Messages: 1}, {PGN: 65247, Messages: 2}}
	if diff := cmp.Diff(want, got.Ignored); diff != "" || len(got.Messages) != 2 || len(got.Refusals) > 0 {
		t.Errorf("%d messages, %v (-want +got):\n%s", len(got.Messages), got.Refusals, diff)
	}
}

func TestGroupsThatEndEarly(t *testing.T) {
	t.Parallel()
	number := func(s vehicle.Signal, n float64) vehicle.Reading {
		return vehicle.Reading{Signal: s, Value: vehicle.Number(n)}
	}
	for name, tt := range map[string]struct {
		line     string
		want     []vehicle.Reading
		refusal  string
		messages int
	}{
		"no total distance": {"18FEE0EE#01020304", []vehicle.Reading{number("Vehicle.TripMeterReading", 8413248125)}, "frames[0]: PGN 65248 of 4 bytes is too short for SPN 245", 1},
		"no value":          {"18FEE0EE#010203", nil, "frames[0]: PGN 65248 of 3 bytes is too short for SPN 245 and SPN 244", 0},
		"no data":           {"18FEF100#", nil, "frames[0]: PGN 65265 of 0 bytes is too short for SPN 84", 0},
		"no lamps":          {"18FECA00#40", nil, "frames[0], byte 1: 1 bytes, want two of lamps and four for each code", 0},
		"no codes":          {"18FECA00#40FF", nil, "frames[0], byte 2: a trouble code is cut short: 0 of 4 bytes", 1},
		"long enough":       {"18FEF100#FF0050", []vehicle.Reading{number(vehicle.Speed, 80)}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, refusals := report(t, tt.line)
			var values []vehicle.Reading
			for _, s := range got.Samples {
				for _, r := range s.Readings {
					r.Quality = vehicle.QualityOK // a trip of eight million kilometres
					values = append(values, r)
				}
			}
			if diff := cmp.Diff(tt.want, values); diff != "" || len(got.Codes) > 0 {
				t.Errorf("%d sets of codes (-want +got):\n%s", len(got.Codes), diff)
			}
			switch {
			case tt.refusal == "" && len(refusals) > 0, tt.refusal != "" && (len(refusals) != 1 || refusals[0].Error() != tt.refusal):
				t.Errorf("got %v, want %s", refusals, tt.refusal)
			}
			if n := len(j1939.Decode(frames(t, tt.line), j1939.Options{}).Messages); n != tt.messages {
				t.Errorf("%d messages, want %d", n, tt.messages)
			}
		})
	}
}

func TestIdentificationThatIsNoVIN(t *testing.T) {
	t.Parallel()
	got := j1939.Decode(vinFrames(t, "NO VIN*"), j1939.Options{})
	if len(got.Messages) != 0 || len(got.Refusals) != 1 || got.Refusals[0].Offset != -1 {
		t.Errorf("got %+v, %v", got.Messages, got.Refusals)
	}
}

func ExampleDecode() {
	var frames []can.Frame
	for _, line := range []string{"18FECA00#40C061021305FFFF", "18FECA00#40C061021305FFFF", "18FEC117#80140600FFFFFFFF"} {
		f, err := can.Parse(line)
		if err != nil {
			fmt.Println(err)
			return
		}
		frames = append(frames, f)
	}
	for _, m := range j1939.Decode(frames, j1939.Options{}).Messages {
		content, err := json.Marshal(m.Content)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d from %02X, %d repeats: %s\n", m.PGN, m.Source, m.Repeats, content)
	}
	// Output:
	// 65226 from 00, 1 repeats: {"lamps":{"mil":"on","red_stop":"off","amber_warning":"off","protect":"off"},"dtcs":[{"spn":609,"fmi":19,"oc":5,"cm":0}]}
	// 65217 from 17, 0 repeats: {"distance_km":1992.32,"trip_km_quality":"not_available","quality":"ok"}
}

func ExampleDecodeDTC() {
	d := j1939.DecodeDTC([4]byte{0x61, 0x02, 0x13, 0x05}, j1939.DefaultConversion)
	n, _ := d.Occurrences()
	fmt.Println(d.Code(), "came", n, "times")
	// Output: SPN609-FMI19 came 5 times
}
