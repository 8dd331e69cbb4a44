package j1939_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// frames reads lines of candump: 18FECA00#0102.
func frames(t testing.TB, lines ...string) []can.Frame {
	t.Helper()
	all := []can.Frame{}
	for _, line := range lines {
		f, err := can.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParseID(t *testing.T) {
	t.Parallel()
	for id, want := range map[uint32]j1939.Header{
		0x18FECA00: {Priority: 6, PGN: 0xFECA, Source: 0x00, Destination: 0xFF},
		0x0CF00400: {Priority: 3, PGN: 61444, Source: 0x00, Destination: 0xFF},
		0x1CECFF17: {Priority: 7, PGN: j1939.PGNTransportControl, Source: 0x17, Destination: 0xFF},
		0x1CEB1727: {Priority: 7, PGN: j1939.PGNTransportData, Source: 0x27, Destination: 0x17},
		0x18EF1003: {Priority: 6, PGN: 0xEF00, Source: 0x03, Destination: 0x10},  // the last PDU1 format
		0x19F01234: {Priority: 6, PGN: 0x1F012, Source: 0x34, Destination: 0xFF}, // data page 1
		0x1FFFFFFF: {Priority: 7, PGN: 0x3FFFF, Source: 0xFF, Destination: 0xFF},
	} {
		got, ok := j1939.ParseID(can.Extended(id))
		if !ok || got != want {
			t.Errorf("%08X: got %+v, want %+v", id, got, want)
		}
		if back := got.ID(); back != can.Extended(id) {
			t.Errorf("%08X: back to %s", id, back)
		}
	}
	if _, ok := j1939.ParseID(can.Standard(0x7E8)); ok {
		t.Error("11 bits are taken")
	}
}

// TestDTCLayouts is the example of SPN 0x12345, FMI 5, three occurrences.
func TestDTCLayouts(t *testing.T) {
	t.Parallel()
	for c, text := range map[j1939.Conversion]string{
		j1939.Version1: "2468A583", j1939.Version2: "6824A583", j1939.Version3: "45232583", j1939.Version4: "45232503",
	} {
		want := j1939.DTC{SPN: 0x12345, FMI: 5, OC: 3, CM: 1}
		if c == j1939.Version4 {
			want.CM = 0
		}
		b := [4]byte(unhex(t, text))
		if got := j1939.DecodeDTC(b, c); got != want {
			t.Errorf("version %d: got %+v", c, got)
		}
		if got := fmt.Sprintf("%X", j1939.AppendDTC(nil, want, c)); got != text {
			t.Errorf("version %d: encoded %s, want %s", c, got, text)
		}
	}
	if got := j1939.DecodeDTC([4]byte(unhex(t, "45232503")), j1939.Version1); got.SPN != 0x12345 {
		t.Errorf("CM bit 0 is version 4 whatever is expected: got %+v", got)
	}
	if got := j1939.DecodeDTC([4]byte(unhex(t, "45232583")), 0); got.SPN != 0x12345 {
		t.Errorf("CM bit 1 is version 3 by default: got %+v", got)
	}
	d := j1939.DTC{SPN: 609, FMI: 19, OC: 0x7F}
	if n, known := d.Occurrences(); known {
		t.Errorf("7F is no count: got %d", n)
	}
	if got := d.Code(); got != "SPN609-FMI19" || got.Namespace() != vehicle.NamespaceJ1939 {
		t.Errorf("got %q", got)
	}
}

func TestDTCRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := j1939.Conversion(rapid.IntRange(1, 4).Draw(t, "conversion"))
		d := j1939.DTC{
			SPN: rapid.Uint32Max(vehicle.MaxSPN).Draw(t, "spn"),
			FMI: rapid.Uint8Max(vehicle.MaxFMI).Draw(t, "fmi"),
			OC:  rapid.Uint8Max(0x7F).Draw(t, "oc"),
			CM:  1,
		}
		if c == j1939.Version4 {
			d.CM = 0
		}
		if got := j1939.DecodeDTC([4]byte(j1939.AppendDTC(nil, d, c)), c); got != d {
			t.Fatalf("got %+v, want %+v", got, d)
		}
	})
}

func TestLamps(t *testing.T) {
	t.Parallel()
	// Lamp and flash pairs in the order of the lamps: malfunction, red, amber, protect.
	for text, want := range map[string]j1939.Lamps{
		"54CF": {j1939.LampOn, j1939.LampSlowFlash, j1939.LampOn, j1939.LampOff},
		"5511": {j1939.LampSlowFlash, j1939.LampFastFlash, j1939.LampSlowFlash, j1939.LampFastFlash},
		"00FF": {j1939.LampOff, j1939.LampOff, j1939.LampOff, j1939.LampOff},
		"C000": {j1939.LampNotAvailable, j1939.LampOff, j1939.LampOff, j1939.LampOff},
		"8155": {j1939.LampReserved, j1939.LampOff, j1939.LampOff, j1939.LampFastFlash},
		"4080": {j1939.LampOn, j1939.LampOff, j1939.LampOff, j1939.LampOff}, // reserved flash
	} {
		dm, refusal := j1939.DecodeDM(unhex(t, text+"00000000"), 0)
		if refusal != nil || dm.Lamps != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, dm.Lamps, refusal, want)
		}
	}
}

func TestDecodeDM(t *testing.T) {
	t.Parallel()
	one := []j1939.DTC{{SPN: 609, FMI: 19}}
	tests := map[string]struct {
		data   string
		want   []j1939.DTC
		offset int
		reason string
	}{
		"no code":            {data: "00FF00000000", want: []j1939.DTC{}},
		"no code, padded":    {data: "00FF00000000FFFF", want: []j1939.DTC{}},
		"no code, old form":  {data: "00FFFFFFFFFFFFFF", want: []j1939.DTC{}},
		"one":                {data: "00FF61021300", want: one},
		"one, padded":        {data: "00FF61021300FFFF", want: one},
		"one, padded with 0": {data: "00FF610213000000", want: one},
		"three":              {data: "00FF6102130021061F00EE100400", want: []j1939.DTC{{SPN: 609, FMI: 19}, {SPN: 1569, FMI: 31}, {SPN: 4334, FMI: 4}}},
		"padding records":    {data: "00FF61021300FFFFFFFFFFFF", want: one},
		"cut record":         {data: "00FF610213002106", want: one, offset: 6, reason: "a trouble code is cut short: 2 of 4 bytes"},
		"only lamps":         {data: "00FF", want: []j1939.DTC{}, offset: 2, reason: "a trouble code is cut short: 0 of 4 bytes"},
		"one byte":           {data: "00", want: []j1939.DTC{}, offset: 1, reason: "1 bytes, want two of lamps and four for each code"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dm, refusal := j1939.DecodeDM(unhex(t, tt.data), 0)
			if diff := cmp.Diff(tt.want, dm.DTCs); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var want *vehicle.Refusal
			if tt.reason != "" {
				want = &vehicle.Refusal{Offset: tt.offset, Reason: tt.reason}
			}
			if diff := cmp.Diff(want, refusal); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

var lamps = []j1939.Lamp{j1939.LampOff, j1939.LampOn, j1939.LampSlowFlash, j1939.LampFastFlash, j1939.LampReserved, j1939.LampNotAvailable}

// TestDM1RoundTrip sends sets of codes over a bus, in one frame or in packets.
func TestDM1RoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lamp := func(name string) j1939.Lamp { return rapid.SampledFrom(lamps).Draw(t, name) }
		c := j1939.Conversion(rapid.IntRange(1, 4).Draw(t, "conversion"))
		cm := uint8(1)
		if c == j1939.Version4 {
			cm = 0
		}
		want := j1939.DM{
			Lamps: j1939.Lamps{MIL: lamp("mil"), RedStop: lamp("red"), AmberWarning: lamp("amber"), Protect: lamp("protect")},
			DTCs:  []j1939.DTC{},
		}
		for range rapid.IntRange(0, 445).Draw(t, "codes") {
			want.DTCs = append(want.DTCs, j1939.DTC{
				SPN: rapid.Uint32Range(1, vehicle.MaxSPN-1).Draw(t, "spn"),
				FMI: rapid.Uint8Max(vehicle.MaxFMI).Draw(t, "fmi"),
				OC:  rapid.Uint8Max(0x7F).Draw(t, "oc"),
				CM:  cm,
			})
		}
		sent, err := j1939.AppendDM1(nil, 0x17, want, c)
		if err != nil {
			t.Fatal(err)
		}
		got := j1939.Decode(sent, j1939.Options{Ambiguous: c})
		if len(got.Messages) != 1 || len(got.Refusals) > 0 {
			t.Fatalf("got %d messages, %v", len(got.Messages), got.Refusals)
		}
		m := got.Messages[0]
		if m.Source != 0x17 || m.PGN != j1939.PGNDM1 {
			t.Errorf("got header %+v", m.Header)
		}
		if diff := cmp.Diff(want, *m.Content.DM); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestEncodersRefuse(t *testing.T) {
	t.Parallel()
	dm := j1939.DM{DTCs: make([]j1939.DTC, 446)}
	if _, err := j1939.AppendDM1(nil, 0, dm, 0); err == nil {
		t.Error("446 codes are more than a message holds")
	}
	if _, err := j1939.AppendMessage(nil, j1939.Header{PGN: 0xEF00, Destination: 3}, make([]byte, 9)); err == nil {
		t.Error("nine bytes to one station need that station")
	}
}

func TestSPNTable(t *testing.T) {
	t.Parallel()
	type bytes struct {
		pgn j1939.PGN
		at  int
	}
	used := map[bytes]uint32{}
	seen := map[uint32]bool{}
	for _, s := range j1939.SPNs() {
		if seen[s.Number] || s.Name == "" {
			t.Errorf("SPN %d: twice, or without a name", s.Number)
		}
		seen[s.Number] = true
		if s.Bytes != 1 && s.Bytes != 2 && s.Bytes != 4 || s.Byte < 1 || s.Byte-1+s.Bytes > 8 {
			t.Errorf("SPN %d: bytes %d of %d do not fit a frame", s.Number, s.Byte, s.Bytes)
		}
		for at := s.Byte; at < s.Byte+s.Bytes; at++ {
			if other, taken := used[bytes{s.PGN, at}]; taken {
				t.Errorf("SPN %d: byte %d is of SPN %d too", s.Number, at, other)
			}
			used[bytes{s.PGN, at}] = s.Number
		}
		if s.Num <= 0 || s.Den <= 0 {
			t.Errorf("SPN %d: scale %v/%v", s.Number, s.Num, s.Den)
		}
		def, known := vehicle.Lookup(s.Signal)
		if !known {
			t.Errorf("SPN %d: %s is no signal", s.Number, s.Signal)
		}
		scale := 1.0
		if s.Unit == "km" && def.Unit == "m" {
			scale = 1000
		} else if s.Unit != def.Unit {
			t.Errorf("SPN %d: %s in %s, its signal in %s", s.Number, s.Name, s.Unit, def.Unit)
		}
		if s.Scale != scale && (s.Scale != 0 || scale != 1) {
			t.Errorf("SPN %d: scale %v, want %v", s.Number, s.Scale, scale)
		}
		// The largest raw value of two bytes or less is a value that can be.
		largest := float64(0xFA)*s.Num/s.Den + s.Offset
		if s.Bytes == 2 {
			largest = float64(0xFAFF)*s.Num/s.Den + s.Offset
		}
		if s.Bytes < 4 && (!def.Contains(largest) || !def.Contains(s.Offset)) {
			t.Errorf("SPN %d: %v to %v is more than %s holds", s.Number, s.Offset, largest, s.Signal)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pgn  j1939.PGN
		data string
		want string
	}{
		"distance in detail":     {65217, "8014060010270000", `{"distance_km":1992.32,"trip_km":50,"quality":"ok"}`},
		"distance alone":         {65217, "80140600", `{"distance_km":1992.32,"quality":"ok"}`},
		"distance not available": {65217, "FFFFFFFF10270000", `{"trip_km":50,"quality":"not_available"}`},
		"distance, largest":      {65217, "FFFFFFFA", `{"distance_km":21055406.075,"quality":"ok"}`},
		"distance reserved":      {65217, "000000FB", `{"quality":"reserved"}`},
		"low bytes tell nothing": {65217, "FFFEFD00", `{"distance_km":83229.435,"quality":"ok"}`},
		"distance":               {65248, "1027000080140600", `{"distance_km":49808,"trip_km":1250,"quality":"ok"}`},
		"trip not available":     {65248, "FFFFFFFF80140600", `{"distance_km":49808,"trip_km_quality":"not_available","quality":"ok"}`},
		"engine hours":           {65253, "FE05000055667788", `{"engine_hours":76.7,"quality":"ok"}`},
		"engine speed":           {61444, "F07D7D803E00FFFF", `{"engine_rpm":2000,"quality":"ok"}`},
		"engine speed error":     {61444, "F07D7D00FE00FFFF", `{"quality":"error"}`},
		"temperatures":           {65262, "7DFFC02DFFFFFFFF", `{"coolant_temp_c":85,"oil_temp_c":93,"quality":"ok"}`},
		"oil":                    {65263, "FFFFC864FFFFFFFF", `{"oil_level_pct":80,"oil_pressure_kpa":400,"quality":"ok"}`},
		"oil level FB":           {65263, "FFFFFB64FFFFFFFF", `{"oil_pressure_kpa":400,"quality":"reserved"}`},
		"wheel speed":            {65265, "FF0050FFFFFFFFFF", `{"speed_kmh":80,"quality":"ok"}`},
		"battery":                {65271, "FFFFFFFF1A01FFFF", `{"battery_v":14.1,"quality":"ok"}`},
		"fuel":                   {65276, "FF7DFFFFFFFFFFFF", `{"fuel_level_pct":50,"quality":"ok"}`},
		"vehicle identification": {65260, "3348414D4B53544E30464C3537353031322A", `{"vin":"3HAMKSTN0FL575012"}`},
		"without an asterisk":    {65260, "3348414D4B53544E30464C353735303132", `{"vin":"3HAMKSTN0FL575012"}`},
		"with a maker's text":    {65260, "4C6F72656D20697073756D2A646F6C6F72", `{"vin":"Lorem ipsum"}`},
		"no identification":      {65260, "2A", `{"vin":""}`},
		"DM1":                    {65226, "404000000000", `{"lamps":{"mil":"fast_flash","red_stop":"off","amber_warning":"off","protect":"off"},"dtcs":[]}`},
		"DM2":                    {65227, "00FF6102130AFFFF", `{"lamps":{"mil":"off","red_stop":"off","amber_warning":"off","protect":"off"},"dtcs":[{"spn":609,"fmi":19,"oc":10,"cm":0}]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, refusal := j1939.DecodePGN(tt.pgn, unhex(t, tt.data), j1939.Options{})
			if refusal != nil {
				t.Fatal(refusal)
			}
			got, err := c.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	if _, refusal := j1939.DecodePGN(65217, []byte{1, 2, 3}, j1939.Options{}); refusal == nil || refusal.Reason != "PGN 65217 of 3 bytes is too short for SPN 917 and SPN 918" {
		t.Errorf("got %v", refusal)
	}
}

func TestReadings(t *testing.T) {
	t.Parallel()
	read := func(pgn j1939.PGN, data string) vehicle.Reading {
		values, known := j1939.AppendValues(nil, pgn, unhex(t, data))
		if !known || len(values) == 0 {
			t.Fatalf("%d: nothing read", pgn)
		}
		return values[0].Reading()
	}
	for name, tt := range map[string]struct{ got, want vehicle.Reading }{
		"metres":        {read(65217, "80140600"), vehicle.Reading{Signal: vehicle.TraveledDistance, Value: vehicle.Number(1992320)}},
		"not available": {read(65217, "FFFFFFFF"), vehicle.Reading{Signal: vehicle.TraveledDistance, Quality: vehicle.QualityInvalid}},
		"reserved":      {read(65217, "000000FC"), vehicle.Reading{Signal: vehicle.TraveledDistance, Quality: vehicle.QualityInvalid}},
		"error":         {read(65217, "000000FE"), vehicle.Reading{Signal: vehicle.TraveledDistance, Quality: vehicle.QualityAbnormal}},
		"out of range":  {read(65217, "FFFFFFFA"), vehicle.Reading{Signal: vehicle.TraveledDistance, Value: vehicle.Number(21055406075), Quality: vehicle.QualityOutOfRange}},
		"below zero":    {read(65262, "00"), vehicle.Reading{Signal: vehicle.CoolantTemperature, Value: vehicle.Number(-40)}},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %+v, want %+v", name, tt.got, tt.want)
		}
	}
}
