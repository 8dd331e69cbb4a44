package uds_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestKonaIsSound(t *testing.T) {
	t.Parallel()
	for _, fault := range uds.Kona().Lint() {
		t.Error(fault)
	}
}

// TestLint breaks one thing of a sound table at a time.
func TestLint(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil       func(*uds.Table)
		place, want string
	}{
		"sound":             {func(*uds.Table) {}, "", ""},
		"cluster":           {func(t *uds.Table) { t.Cluster = "feet" }, "cluster", `unit "feet": want km or mi`},
		"ECU":               {func(t *uds.Table) { t.DIDs[1].ECU = "7G8" }, "DID 0002", `ECU "7G8": want a CAN id of 3 or 8 hexadecimal digits`},
		"bytes":             {func(t *uds.Table) { t.DIDs[1].Bytes = 5000 }, "DID 0002", "5000 bytes: want 1 to 4092"},
		"twice":             {func(t *uds.Table) { t.DIDs[1].Number = 1 }, "DID 0001", "comes twice for one ECU"},
		"name":              {func(t *uds.Table) { t.DIDs[0].Signals[0].Name = "" }, "DID 0001, ", "name: want letters, digits and _"},
		"name with a blank": {func(t *uds.Table) { t.DIDs[0].Signals[0].Name = "a b" }, "DID 0001, a b", "name: want letters, digits and _"},
		"same name":         {func(t *uds.Table) { t.DIDs[1].Signals[0].Name = "amps" }, "DID 0002, amps", "name comes twice in the table"},
		"no bits":           {func(t *uds.Table) { t.DIDs[0].Signals[0].Bits = 0 }, "DID 0001, amps", "0 bits: want 1 to 48"},
		"outside":           {func(t *uds.Table) { t.DIDs[0].Signals[1].Bit = 25 }, "DID 0001, psi", "bit 25 with 8 bits: not within 4 bytes"},
		"before":            {func(t *uds.Table) { t.DIDs[0].Signals[1].Bit = -1 }, "DID 0001, psi", "bit -1 with 8 bits: not within 4 bytes"},
		"overlap":           {func(t *uds.Table) { t.DIDs[0].Signals[1].Bit = 15 }, "DID 0001, psi", "bit 15 belongs to amps"},
		"not finite":        {func(t *uds.Table) { t.DIDs[0].Signals[0].Offset = math.Inf(1) }, "DID 0001, amps", "num, den, offset and scale must be finite, and so must what they make of the bits"},
		"grows too large":   {func(t *uds.Table) { t.DIDs[0].Signals[0].Num = math.MaxFloat64 }, "DID 0001, amps", "num, den, offset and scale must be finite, and so must what they make of the bits"},
		"no mark":           {func(t *uds.Table) { t.DIDs[0].Signals[0].Absent = 1 }, "DID 0001, amps", "has a mark for no reading, and HasAbsent is not set"},
		"wide mark":         {func(t *uds.Table) { t.DIDs[0].Signals[1].Absent = 256 }, "DID 0001, psi", "absent 256 does not fit 8 bits"},
		"mark with nobody":  {func(t *uds.Table) { t.DIDs[0].Signals[1].With = "x" }, "DID 0001, psi", `with "x": want another signal of the DID that can be absent`},
		"mark with itself":  {func(t *uds.Table) { t.DIDs[0].Signals[1].With = "psi" }, "DID 0001, psi", `with "psi": want another signal of the DID that can be absent`},
		"unit":              {func(t *uds.Table) { t.DIDs[0].Signals[0].Unit = "mA/h" }, "DID 0001, amps", `unit "mA/h" is not known`},
		"scale alone":       {func(t *uds.Table) { t.DIDs[0].Signals[0].VSS = "" }, "DID 0001, amps", "scale without a VSS signal"},
		"VSS": {func(t *uds.Table) { t.DIDs[0].Signals[0].VSS = "Vehicle.Sped" }, "DID 0001, amps",
			"signal Vehicle.Sped is neither in VSS 6.0 nor an extension"},
		"text": {func(t *uds.Table) { t.DIDs[0].Signals[0].VSS = "Vehicle.Powertrain.Type" }, "DID 0001, amps", "signal Vehicle.Powertrain.Type is no number"},
		"wide boolean": {func(t *uds.Table) { t.DIDs[1].Signals[0].Bits = 2 }, "DID 0002, charging",
			"signal Vehicle.Powertrain.TractionBattery.Charging.IsCharging is a boolean and has 2 bits, want 1"},
		"other unit": {func(t *uds.Table) { t.DIDs[0].Signals[0].Unit = "V" }, "DID 0001, amps",
			`unit "V" cannot become "A" of Vehicle.Powertrain.TractionBattery.CurrentCurrent`},
		"scale": {func(t *uds.Table) { t.DIDs[0].Signals[1].Scale = 0 }, "DID 0001, psi",
			`scale 1: want 6.894757293168 or -6.894757293168, from "psi" to "kPa"`},
		"cluster with a scale": {func(t *uds.Table) { t.DIDs[1].Signals[1].Scale = 2 }, "DID 0002, distance",
			"unit cluster: want signal Vehicle.TraveledDistance and no scale"},
		"range": {func(t *uds.Table) {
			t.DIDs[0].Signals[1].Scale *= -1
			t.DIDs[0].Signals[1].Den, t.DIDs[0].Signals[1].Offset = 1, 1
		}, "DID 0001, psi",
			"bits carry -1765.057867051008 to -6.894757293168, and Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure is 0 to 65535"},
	}
	for name, tt := range tests {
		table := &uds.Table{DIDs: []uds.DID{
			{Number: 1, ECU: "7EC", Bytes: 4, Signals: []uds.Signal{
				{Name: "amps", Bits: 16, Signed: true, Den: 10, Unit: "A", VSS: pack + "CurrentCurrent", Scale: -1},
				{Name: "psi", Bit: 16, Bits: 8, Den: 5, Unit: "psi", HasAbsent: true, VSS: "Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure", Scale: 6.894757293168},
			}},
			{Number: 2, ECU: "7EC", Bytes: 4, Signals: []uds.Signal{
				{Name: "charging", Bits: 1, VSS: pack + "Charging.IsCharging"},
				{Name: "distance", Bit: 8, Bits: 24, Unit: uds.UnitCluster, VSS: vehicle.TraveledDistance},
			}},
		}}
		tt.spoil(table)
		found := table.Lint()
		if tt.want == "" {
			if len(found) > 0 {
				t.Errorf("%s: got %v", name, found[0])
			}
			continue
		}
		if len(found) != 1 || found[0].Place != tt.place || found[0].Reason != tt.want {
			t.Errorf("%s: got %v", name, found)
		}
	}
}

const header = "did,ecu,bytes,name,bit,bits,signed,num,den,offset,unit,absent,with,signal,scale\n"

func TestParseTable(t *testing.T) {
	t.Parallel()
	table, faults := uds.ParseTable("my car", []byte("# seen on my car\n"+header+
		"0101,7EC,10,soc,32,8,,,2,,%,255,,Vehicle.Powertrain.TractionBattery.StateOfCharge.Current,\n"+
		"0101,7EC,10,\"amps\",40,16,yes,1,10,-5,A,,,Vehicle.Powertrain.TractionBattery.CurrentCurrent,-1\n"+
		"F1A0,,4,,,,,,,,,,,,\n"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := &uds.Table{Name: "my car", DIDs: []uds.DID{
		{Number: 0x0101, ECU: "7EC", Bytes: 10, Signals: []uds.Signal{
			{Name: "soc", Bit: 32, Bits: 8, Den: 2, Unit: "%", Absent: 255, HasAbsent: true, VSS: vehicle.TractionSoC},
			{Name: "amps", Bit: 40, Bits: 16, Signed: true, Num: 1, Den: 10, Offset: -5, Unit: "A", VSS: pack + "CurrentCurrent", Scale: -1},
		}},
		{Number: 0xF1A0, Bytes: 4},
	}}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, faults := uds.ParseTable(table.Name, table.CSV())
	if diff := cmp.Diff(table, again); diff != "" || len(faults) > 0 {
		t.Errorf("%v (-want +got):\n%s", faults, diff)
	}
	kona, faults := uds.ParseTable(uds.Kona().Name, uds.Kona().CSV())
	if diff := cmp.Diff(uds.Kona(), kona); diff != "" || len(faults) > 0 {
		t.Errorf("%v (-want +got):\n%s", faults, diff)
	}
}

func TestParseTableRefuses(t *testing.T) {
	t.Parallel()
	const sound = "0101,7EC,10,soc,32,8,,,2,,%,,,,\n"
	at := len(header)
	tests := map[string]struct {
		text string
		want []vehicle.Refusal
	}{
		"empty":  {"", []vehicle.Refusal{{Offset: 0, Reason: "table has no header: want " + strings.TrimSpace(header)}}},
		"header": {"did" + header[2:], []vehicle.Refusal{{Offset: 0, Place: "line 1, column did", Reason: "header: want " + strings.TrimSpace(header)}}},
		"long":   {strings.Repeat("#", uds.MaxTableBytes+1), []vehicle.Refusal{{Offset: uds.MaxTableBytes, Reason: "table is longer than 1048576 bytes"}}},
		"columns": {header + "0101,7EC\n" + sound + "0102\n", []vehicle.Refusal{
			{Offset: at, Place: "line 2", Reason: "wrong number of fields"},
			{Offset: at + 9 + len(sound), Place: "line 4", Reason: "wrong number of fields"}}},
		"quote": {header + "\"0101,7EC\n", []vehicle.Refusal{{Offset: at, Place: "line 2", Reason: `extraneous or missing " in quoted-field`}}},
		"numbers": {header + "101,7EC,-1,soc,x,300,maybe,a,0,b,%,1e3,,,c\n", []vehicle.Refusal{
			{Offset: at, Place: "line 2, column did", Reason: `"101": want four hexadecimal digits`},
			{Offset: at, Place: "line 2, column bytes", Reason: `"-1": want a whole number up to 65535`},
			{Offset: at, Place: "line 2, column signed", Reason: `"maybe": want yes or no`},
			{Offset: at, Place: "line 2, column num", Reason: `"a": want a number`},
			{Offset: at, Place: "line 2, column den", Reason: "want a number that is not 0"},
			{Offset: at, Place: "line 2, column offset", Reason: `"b": want a number`},
			{Offset: at, Place: "line 2, column scale", Reason: `"c": want a number`},
			{Offset: at, Place: "line 2, column bit", Reason: `"x": want a whole number up to 65535`},
			{Offset: at, Place: "line 2, column bits", Reason: `"300": want a whole number up to 255`},
			{Offset: at, Place: "line 2, column absent", Reason: `"1e3": want a whole number up to 281474976710655`}}},
		"nameless": {header + "0101,7EC,10,,32,8,,,2,,%,,,,\n", []vehicle.Refusal{{Offset: at, Place: "line 2, column name", Reason: "signal without a name"}}},
		"two lengths": {header + sound + "0101,7EC,11,volts,0,8,,,,,V,,,,\n", []vehicle.Refusal{
			{Offset: at + len(sound), Place: "line 3, column bytes", Reason: "11 bytes, and a line before says 10"}}},
		"lint": {header + sound + "0101,7EC,10,volts,39,8,,,,,V,,,,\n", []vehicle.Refusal{
			{Offset: at + len(sound), Place: "line 3, DID 0101, volts", Reason: "bit 39 belongs to soc"}}},
		"after comments": {"# a\n" + header + "# b\n\n0101,7EC\n", []vehicle.Refusal{{Offset: at + 9, Place: "line 5", Reason: "wrong number of fields"}}},
		"lint of a DID": {header + "0101,7EC,9000,soc,32,8,,,2,,%,,,,\n", []vehicle.Refusal{
			{Offset: at, Place: "line 2, DID 0101", Reason: "9000 bytes: want 1 to 4092"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, faults := uds.ParseTable("", []byte(tt.text))
			var got []vehicle.Refusal
			for _, f := range faults {
				got = append(got, *f)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || table != nil {
				t.Errorf("%v (-want +got):\n%s", table, diff)
			}
		})
	}
}

// TestSignalBits writes raw values into data bit by bit and reads them back.
func TestSignalBits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(1, uds.MaxBits).Draw(t, "bits")
		bit := rapid.IntRange(0, 64).Draw(t, "bit")
		raw := rapid.Uint64Range(0, 1<<bits-1).Draw(t, "raw")
		signed := rapid.Bool().Draw(t, "signed")
		fill := rapid.Byte().Draw(t, "fill")
		data := make([]byte, 14)
		for i := range data {
			data[i] = fill
		}
		for i := range bits {
			at := bit + i
			mask := byte(0x80) >> (at % 8)
			data[at/8] &^= mask
			if raw>>(bits-1-i)&1 == 1 {
				data[at/8] |= mask
			}
		}
		want := float64(raw)
		if signed && raw>>(bits-1) == 1 {
			want = float64(int64(raw) - 1<<bits)
		}
		s := uds.Signal{Name: "x", Bit: bit, Bits: bits, Signed: signed, Num: 3, Den: 4, Offset: -7}
		got, _, err := uds.DecodeData(append([]byte{0x62, 0, 1}, data...), uds.Options{Table: &uds.Table{DIDs: []uds.DID{{Number: 1, Bytes: 14, Signals: []uds.Signal{s}}}}})
		lo, hi := s.Range()
		if err != nil || len(got.Values) != 1 || got.Values[0].Number != want*3/4-7 || got.Values[0].Number < lo || got.Values[0].Number > hi {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
}
