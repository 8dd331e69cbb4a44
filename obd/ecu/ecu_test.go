package ecu_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var at = time.Date(2026, 11, 22, 9, 59, 58, 0, time.UTC)

func settle(t testing.TB, text string) ecu.Said {
	t.Helper()
	var a ecu.Answers
	a.Text(text)
	said, err := a.Settle("", at)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func refusals(said ecu.Said) []vehicle.Refusal {
	var all []vehicle.Refusal
	for _, r := range said.Refusals {
		all = append(all, *r)
	}
	return all
}

func number(s vehicle.Signal, v float64) vehicle.Reading {
	return vehicle.Reading{Signal: s, Value: vehicle.Number(v)}
}

// TestSameSignalTwice keeps the later value of one ECU, as logs of some rounds have it,
// and the engine's where ECUs do not agree.
func TestSameSignalTwice(t *testing.T) {
	t.Parallel()
	const count, lamp = "Vehicle.OBD.Status.DTCCount", "Vehicle.OBD.Status.IsMILOn"
	for text, want := range map[string]struct {
		readings []vehicle.Reading
		refused  []string
	}{
		"7E8 03 41 0D 3C\r>7E8 03 41 0D 3D\r>":                                         {[]vehicle.Reading{number(vehicle.Speed, 61)}, nil},
		"41 0D 3C\r>41 05 5A\r>41 0D 3D\r>":                                            {[]vehicle.Reading{number(vehicle.Speed, 61), number(vehicle.CoolantTemperature, 50)}, nil},
		"12.4V\r>12.5V\r>":                                                             {[]vehicle.Reading{number(vehicle.LowVoltage, 12.5)}, nil},
		"7EA 03 41 0D 3D\r7E8 03 41 0D 3C\r>7EA 03 41 0D 3C\r>":                        {[]vehicle.Reading{number(vehicle.Speed, 60)}, nil},
		"7EA 03 41 0D 3D\r7E8 03 41 0D 3C\r>7EA 03 41 0D 3E\r>":                        {[]vehicle.Reading{number(vehicle.Speed, 60)}, []string{"elm327, byte 33: 7E8's value of Vehicle.Speed is kept"}},
		"7EB 03 41 0D 3D\r7EA 03 41 0D 3C\r>":                                          {[]vehicle.Reading{number(vehicle.Speed, 60)}, []string{"elm327, byte 0: 7EA's value of Vehicle.Speed is kept"}},
		"7E8 06 41 01 81 07 FF 00\r>7E8 06 41 01 02 07 FF 00\r>":                       {[]vehicle.Reading{{Signal: lamp, Value: vehicle.Bool(false)}, number(count, 2)}, nil},
		"7E8 06 41 01 01 07 FF 00\r7E9 06 41 01 82 07 FF 00\r7E9 06 41 01 82 07 FF 00": {[]vehicle.Reading{{Signal: lamp, Value: vehicle.Bool(true)}, number(count, 3)}, nil},
	} {
		said := settle(t, text)
		var refused []string
		for _, r := range said.Refusals {
			refused = append(refused, r.Error())
		}
		if diff := cmp.Diff(want.readings, said.Readings) + cmp.Diff(want.refused, refused); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// TestDoubtfulLists makes sure that a list with something odd in it tells its codes and
// clears none.
func TestDoubtfulLists(t *testing.T) {
	t.Parallel()
	entry := func(s vehicle.CodeStatus, c vehicle.Code) []vehicle.CodeEntry {
		return []vehicle.CodeEntry{{Code: c, Status: s}}
	}
	none, confirmed := []vehicle.CodeStatus{vehicle.CoversNone}, []vehicle.CodeStatus{vehicle.CodeConfirmed}
	for text, want := range map[string]struct {
		codes   []vehicle.CodeReport
		refused int
	}{
		"7E8 06 43 01 01 01 71 AA\r>": {[]vehicle.CodeReport{{Time: at, ECU: "7E8", Covers: none, Codes: entry(vehicle.CodeConfirmed, "P0101")}}, 1},
		"4A010171FF\r>":               {[]vehicle.CodeReport{{Time: at, Covers: none, Codes: entry(vehicle.CodePermanent, "P0171")}}, 1},
		"43010171\r>4A010171FF\r>": {[]vehicle.CodeReport{
			{Time: at, Covers: confirmed, Codes: entry(vehicle.CodeConfirmed, "P0171")}, {Time: at, Covers: none, Codes: entry(vehicle.CodePermanent, "P0171")},
		}, 1},
		"430101710300FF\r>43010171\r>": {[]vehicle.CodeReport{{Time: at, Covers: confirmed, Codes: []vehicle.CodeEntry{
			{Code: "P0101", Status: vehicle.CodeConfirmed}, {Code: "C3103", Status: vehicle.CodeConfirmed}, {Code: "P00FF", Status: vehicle.CodeConfirmed}, {Code: "P0171", Status: vehicle.CodeConfirmed},
		}}}, 0}, // six bytes are three codes of a pre-CAN bus
		"4301017155\r>43010171\r>": {[]vehicle.CodeReport{{Time: at, Covers: none, Codes: entry(vehicle.CodeConfirmed, "P0171")}}, 1},
		"4300\r>":                  {[]vehicle.CodeReport{{Time: at, Covers: confirmed}}, 0},
	} {
		said := settle(t, text)
		if diff := cmp.Diff(want.codes, said.Codes); diff != "" || len(said.Refusals) != want.refused {
			t.Errorf("%q: %v (-want +got):\n%s", text, said.Refusals, diff)
		}
	}
}

// TestPlaces names the byte of a text where it is known, and frames by their index.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]vehicle.Refusal{
		"41 0D 3C\r$%&\r>":                       {Offset: 9, Place: "elm327 line 2", Reason: "not hexadecimal"},
		"41 0D 3C\r43 01 <DATA ERROR\r>":         {Offset: 9, Place: "elm327 line 2", Reason: "adapter: 43 01 <DATA ERROR"},
		"41 0D 3C\r410C1AF8410D3C\r>":            {Offset: 9, Place: "elm327", Reason: "3 bytes after PID 0C are not read"},
		"410D3C\r7F\r>":                          {Offset: 7, Place: "elm327", Reason: "answer is too short"},
		"410D3C\r440000\r>":                      {Offset: 7, Place: "elm327", Reason: "answer 44 has no data: 2 more bytes are not read"},
		"410D3C\r5902FF017111080171\r>":          {Offset: 7, Place: "elm327, record 1, byte 7 of the message", Reason: "record has 2 of 4 bytes"},
		"410D3C\r\r>7E8 05 42 0C 00 1A F8\r\r>":  {Offset: 9, Place: "elm327", Reason: "freeze frame 0 is not used: its code (PID 02) was not asked"},
		"410D3C\r7E8 10 14 49 02 01 00 00 00\r>": {Offset: 7, Place: "elm327 line 2", Reason: "message ends after 6 of 20 bytes"},
	} {
		if diff := cmp.Diff([]vehicle.Refusal{want}, refusals(settle(t, text))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestPlacesOfFrames(t *testing.T) {
	t.Parallel()
	var frames []ecu.Frame
	for i, data := range []string{"05410D3C6501", "100A5902FF017111", "2108017122"} {
		b, err := hex.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, ecu.Frame{Frame: can.Frame{ID: can.Standard(0x7E8), Data: b}, Index: i + 5})
	}
	var a ecu.Answers
	a.Frames(frames)
	said, err := a.Settle("", at)
	if err != nil {
		t.Fatal(err)
	}
	want := []vehicle.Refusal{
		{Offset: -1, Place: "frames[5]", Reason: "2 bytes after PID 0D are not read"},
		{Offset: -1, Place: "frames[6], record 1, byte 7 of the message", Reason: "record has 3 of 4 bytes"},
	}
	if diff := cmp.Diff(want, refusals(said)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMessagesAreBounded reads as many as MaxMessages, and tells once of the others.
// A list of codes may go on in them.
func TestMessagesAreBounded(t *testing.T) {
	t.Parallel()
	said := settle(t, "47017101330000\r"+strings.Repeat("41 0D 3C\r", ecu.MaxMessages)+"41 05 5A\r43 01 01 71\r>")
	want := fmt.Sprintf("more than %d messages: the rest is not read", ecu.MaxMessages)
	if len(said.Refusals) != 2 || said.Refusals[0].Reason != want || !strings.Contains(said.Refusals[1].Reason, "list of codes may be incomplete") ||
		len(said.Readings) != 1 || len(said.Codes) != 0 {
		t.Errorf("got %+v, %v", said, said.Refusals)
	}
	full := settle(t, strings.Repeat("7F\r", ecu.MaxMessages+9))
	if n := len(full.Refusals); n != ecu.MaxRefusals+2 || full.Refusals[n-2].Reason != want {
		t.Errorf("%d refusals: %v", n, full.Refusals)
	}
}

// hostile are texts made of one part that repeats, which used to take work that grows
// with the square of their length. Part i of them is text(i).
var hostile = map[string]func(i int) string{
	"same codes":  func(int) string { return "5902FF01711108\r" },
	"other codes": func(i int) string { return fmt.Sprintf("5902FF%06X08\r", i+1) },
	"many ECUs":   func(i int) string { return fmt.Sprintf("18DAF1%02X075902FF%06X08\r", i%256, i+1) },
	"severities":  func(i int) string { return fmt.Sprintf("5908FF2010%06X2F\r", i+1) },
	"snapshots":   func(i int) string { return fmt.Sprintf("5904%06X2F0101F40D3C\r5902FF%06X2F\r", i+1, i+1) },
	"lists":       func(i int) string { return fmt.Sprintf("4301%04X\r", i+1) },
	"freeze frames": func(i int) string {
		return fmt.Sprintf("420C%02X1AF8\r4202%02X%04X\r4301%04X\r", i%256, i%256, i+1, i+1)
	},
	"values":         func(i int) string { return fmt.Sprintf("18DAF1%02X03410D%02X\r", i%256, i%251) },
	"identification": func(int) string { return "49020131484743 4D3832363333413030343335 32\r" },
}

// TestWorkGrowsWithTheText counts allocations for a text and for one four times as
// long: work that grows with the square would be sixteen times as much.
func TestWorkGrowsWithTheText(t *testing.T) { //nolint:paralleltest // counts allocations
	for name, part := range hostile {
		work := func(n int) float64 {
			var b strings.Builder
			for i := range n {
				b.WriteString(part(i))
			}
			return testing.AllocsPerRun(1, func() { settle(t, b.String()) })
		}
		if few, many := work(250), work(1000); many > 6*few {
			t.Errorf("%s: %v allocations for one length, %v for four", name, few, many)
		}
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, part := range hostile {
		b.Run(name, func(b *testing.B) { benchmark(b, text(part)) })
	}
	b.Run("one long list", func(b *testing.B) {
		benchmark(b, "5902FF"+text(func(i int) string { return fmt.Sprintf("%06X08", i+1) })+"\r")
	})
	b.Run("long lists", func(b *testing.B) {
		benchmark(b, text(func(i int) string {
			if i%100 == 0 {
				return "\r5908FF"
			}
			return fmt.Sprintf("2010%06X2F", i)
		}))
	})
}

// text is about a megabyte.
func text(part func(i int) string) string {
	var b strings.Builder
	for i := 0; b.Len() < 1<<20; i++ {
		b.WriteString(part(i))
	}
	return b.String()
}

func benchmark(b *testing.B, text string) {
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		settle(b, text)
	}
}

// FuzzText reads any text: nothing is made of nothing, and what is refused has a place
// in the text.
func FuzzText(f *testing.F) {
	for name := range hostile {
		f.Add(hostile[name](7) + hostile[name](8) + ">")
	}
	f.Add("1902FF\r7E8 07 59 02 FF 01 71 11 2D\r\r>410C1AF8410D3C\r4301010171AA\r>12.3V\r>")
	f.Fuzz(func(t *testing.T, text string) {
		said := settle(t, text)
		codes := 0
		for _, r := range said.Codes {
			if len(r.Covers) == 0 {
				t.Fatalf("%+v", r)
			}
			codes += len(r.Codes)
		}
		if codes > len(text) || len(said.Readings) > len(text) || len(said.Refusals) > ecu.MaxRefusals+2 {
			t.Fatalf("%d codes, %d readings, %d refusals", codes, len(said.Readings), len(said.Refusals))
		}
		for _, r := range said.Refusals {
			if r.Reason == "" || r.Offset >= len(text) || r.Offset < 0 && r.Place != "message" {
				t.Fatalf("%+v", r)
			}
		}
	})
}

func ExampleAnswers() {
	var a ecu.Answers
	a.Text("7E8 04 41 0C 1A F8\r7E9 04 41 0C 1A F0\r>7E8 04 43 01 01 71\r>")
	said, err := a.Settle("", time.Time{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(said.Readings[0].Signal, said.Readings[0].Value)
	fmt.Println(said.Codes[0].ECU, said.Codes[0].Covers, said.Codes[0].Codes[0].Code)
	fmt.Println(said.Refusals[0])
	// Output:
	// Vehicle.Powertrain.CombustionEngine.Speed 1726
	// 7E8 [confirmed] P0171
	// elm327, byte 19: 7E8's value of Vehicle.Powertrain.CombustionEngine.Speed is kept
}

// An ECU that answers service 04 has erased its codes: a report says so, and covers
// nothing.
func TestErasedCodes(t *testing.T) {
	t.Parallel()
	said := settle(t, "7E8 02 43 00\r>7E8 01 44\r7E9 01 44\r>")
	var got []string
	for _, r := range said.Codes {
		got = append(got, fmt.Sprint(r.ECU, " ", r.Covers, " ", r.Erased))
	}
	if diff := cmp.Diff([]string{"7E8 [confirmed] false", "7E8 [none] true", "7E9 [none] true"}, got); diff != "" || len(said.Refusals) > 0 {
		t.Errorf("reports (-want +got):\n%s\nrefused: %v", diff, refusals(said))
	}
}
