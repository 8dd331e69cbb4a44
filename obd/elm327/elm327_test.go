package elm327_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
)

// said shows messages as "ecu:payload".
func said(messages []elm327.Message) []string {
	all := []string{}
	for _, m := range messages {
		all = append(all, fmt.Sprintf("%s:%X", m.ECU, m.Payload))
	}
	return all
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text   string
		status elm327.Status
		want   []string
	}{
		"29 bit":                     {"18 DA F1 10 04 41 0C 1A F8\r>", elm327.OK, []string{"18DAF110:410C1AF8"}},
		"29 bit, spaces off":         {"18DAF11004410C1AF8\r>", elm327.OK, []string{"18DAF110:410C1AF8"}},
		"ISO 14230 header":           {"84 F1 10 41 0C 1A F8 E4\r>", elm327.OK, []string{"10:410C1AF8"}},
		"J1850 PWM header":           {"41 6B 10 41 0C 1A F8 3D\r>", elm327.OK, []string{"10:410C1AF8"}},
		"ISO 14230, length byte":     {"80F11004410C1AF8E4\r>", elm327.OK, []string{"10:410C1AF8"}},
		"two messages of a VIN":      {"7E8 10 14 49 02 01 31 48 47\r7E8 21 43 4D 38 32 36 33 33\r7E8 22 41 30 30 34 33 35 32\r>", elm327.OK, []string{"7E8:490201314847434D383236333341303034333532"}},
		"two ECUs mixed":             {"7E8 10 08 43 03 01 71 01 74\r7E9 10 08 43 03 07 00 07 01\r7E8 21 03 00 AA AA AA AA AA\r7E9 21 07 02 AA AA AA AA AA\r>", elm327.OK, []string{"7E8:4303017101740300", "7E9:4303070007010702"}},
		"headers off, long":          {"014\r0: 49 02 01 31 48 47\r1: 43 4D 38 32 36 33 33\r2: 41 30 30 34 33 35 32\r>", elm327.OK, []string{":490201314847434D383236333341303034333532"}},
		"headers off, padding cut":   {"008\r0:430301710174\r1:0300AAAAAAAAAA\r>", elm327.OK, []string{":4303017101740300"}},
		"headers off, mixed ECUs":    {"008\r008\r0:430301710174\r0:430307000701\r1:0300AAAAAAAAAA\r1:0702AAAAAAAAAA\r>", elm327.Damaged, []string{}},
		"headers off, 0: twice":      {"00A\r0:430401710174\r0:430407000701\r1:03000301\r>", elm327.Damaged, []string{}},
		"headers off, line lost":     {"014\r0: 49 02 01 31 48 47\r2: 41 30 30 34 33 35 32\r>", elm327.Damaged, []string{}},
		"headers off, cut":           {"014\r0: 49 02 01 31 48 47\r>", elm327.Damaged, []string{}},
		"not joined over a prompt":   {"014\r0: 49 02 01 31 48 47\r>1: 43 4D 38 32 36 33 33\r2: 41 30 30 34 33 35 32\r>", elm327.Damaged, []string{}},
		"frame lost":                 {"7E8 10 14 49 02 01 31 48 47\r7E8 22 41 30 30 34 33 35 32\r>", elm327.Damaged, []string{}},
		"frames over a prompt":       {"7E8 10 08 43 03 01 71 01 74\r>7E8 21 03 00 AA AA AA AA AA\r>", elm327.Damaged, []string{}},
		"interrupted":                {"7E8 10 08 43 03 01 71 01 74\r7E8 03 41 0D 3C\r>", elm327.OK, []string{"7E8:410D3C"}},
		"length beyond the frame":    {"7E8 07 41 0C 1A\r>", elm327.Damaged, []string{}},
		"empty single frame":         {"7E8 00 00 00\r>", elm327.Damaged, []string{}},
		"flow control":               {"7E8 30 00 00\r7E8 03 41 0D 3C\r>", elm327.OK, []string{"7E8:410D3C"}},
		"pre-CAN VIN, headers off":   {"49 02 01 00 00 00 31\r49 02 02 48 47 43 4D\r49 02 03 38 32 36 33\r>", elm327.OK, []string{":4902000000314847434D38323633"}},
		"pre-CAN VIN with a gap":     {"48 6B 10 49 02 01 00 00 00 31 CK\r48 6B 10 49 02 03 38 32 36 33 AA\r>", elm327.Damaged, []string{}},
		"pre-CAN VIN out of order":   {"48 6B 10 49 02 02 38 32 36 33 AA\r48 6B 10 49 02 01 00 00 00 31 AA\r>", elm327.OK, []string{"10:49020000003138323633"}},
		"pre-CAN VIN, a line twice":  {"48 6B 10 49 02 01 00 00 00 31 AA\r48 6B 10 49 02 01 00 00 00 31 AA\r>", elm327.Damaged, []string{}},
		"searching on the same line": {"SEARCHING...41 0D 3C\r>", elm327.OK, []string{":410D3C"}},
		"searching, then frames":     {"SEARCHING...7E8 03 41 0D 3C\r7E9 03 41 0D 3D\r>", elm327.OK, []string{"7E8:410D3C", "7E9:410D3D"}},
		"searching, then failed":     {"SEARCHING...UNABLE TO CONNECT\r>", elm327.UnableToConnect, []string{}},
		"bus init, not ended":        {"BUS INIT: ...", elm327.Incomplete, []string{}},
		"bus init, spaces off":       {"BUSINIT:...OK\r410D3C\r>", elm327.OK, []string{":410D3C"}},
		"bus init, on the line":      {"BUS INIT: OK 41 0D 3C\r>", elm327.OK, []string{":410D3C"}},
		"blanks gone from words":     {"SEARCHING...\rUNABLETOCONNECT\r>", elm327.UnableToConnect, []string{}},
		"words in small letters":     {"Bus Busy\r>", elm327.BusError, []string{}},
		"alert, spaces off":          {"ACTALERT\r>", elm327.AdapterAlert, []string{}},
		"low power":                  {"!LP ALERT\r>", elm327.AdapterAlert, []string{}},
		"receive error":              {"41 0D 3C <RX ERROR\r>", elm327.Damaged, []string{}},
		"cleared and accepted":       {"44 OK\r>", elm327.OK, []string{":44"}},
		"small digits":               {"7e8 03 41 0d 3c\r>", elm327.OK, []string{"7E8:410D3C"}},
		"id with spaces, any":        {"5A1 03 62 01 02\r>", elm327.OK, []string{"5A1:620102"}},
		"ids that start with 7":      {"7CE0362010A\r7A80362010B\r>", elm327.OK, []string{"7CE:62010A", "7A8:62010B"}},
		"functional, 29 bit":         {"18 DB 33 F1 02 01 0C\r>", elm327.OK, []string{"18DB33F1:010C"}},
		"cut, no id":                 {"41 0C 1A F\r>", elm327.Damaged, []string{}},
		"cut, spaces off":            {"41055\r>", elm327.Damaged, []string{}},
		"cut, negative":              {"7F 01 1\r>", elm327.Damaged, []string{}},
		"long on one line":           {"014 0: 49 02 01 31 48 47 1: 43 4D 38 32 36 33 33 2: 41 30 30 34 33 35 32\r>", elm327.OK, []string{":490201314847434D383236333341303034333532"}},
		"long on one line, compact":  {"0080:4303017101741:0300AAAAAAAAAA\r>", elm327.OK, []string{":4303017101740300"}},
		"colon without an index":     {"014 0: 49 02 : 31\r>", elm327.Damaged, []string{}},
		"pre-CAN VIN run together":   {"490201000000314902024847434D49020338323633\r>", elm327.OK, []string{":4902000000314847434D38323633"}},
		"not a run":                  {"490201000000314902034847434D\r>", elm327.OK, []string{":490201000000314902034847434D"}},
		"bus init":                   {"BUS INIT: ...OK\r41 0D 3C\r>", elm327.OK, []string{":410D3C"}},
		"bus init failed":            {"BUS INIT: ...ERROR\r>", elm327.BusError, []string{}},
		"unable to connect":          {"SEARCHING...\rUNABLE TO CONNECT\r>", elm327.UnableToConnect, []string{}},
		"buffer full":                {"BUFFER FULL\r>", elm327.BufferFull, []string{}},
		"unknown command":            {"ATXX\r?\r>", elm327.Rejected, []string{}},
		"damaged line":               {"41 0D 3C <DATA ERROR\r41 05 5A\r>", elm327.OK, []string{":41055A"}},
		"internal error":             {"ERR94\r>", elm327.AdapterAlert, []string{}},
		"low voltage":                {"LV RESET\r>", elm327.AdapterAlert, []string{}},
		"banner":                     {"ATZ\r\r\rELM327 v1.5\r\r>", elm327.OK, []string{}},
		"NUL bytes":                  {"\x0041 0D 3C\x00\r>", elm327.OK, []string{":410D3C"}},
		"request is an echo":         {"010C1\r410C1AF8\r>", elm327.OK, []string{":410C1AF8"}},
		"service 07 is no voltage":   {"07\rNO DATA\r>", elm327.NoData, []string{}},
		"several replies":            {"010D\r410D3C\r>0105\r41055A\r>03\rNO DATA\r>", elm327.OK, []string{":410D3C", ":41055A"}},
		"no bytes":                   {"", elm327.NoData, []string{}},
		"not UTF-8":                  {"41 0D \xff\xfe\r41 05 5A\r>", elm327.OK, []string{":41055A"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := elm327.Parse(strings.ReplaceAll(tt.text, "CK", "AA"))
			if diff := cmp.Diff(tt.want, said(r.Messages)); diff != "" || r.Status != tt.status {
				t.Errorf("status %s, messages (-want +got):\n%s\n%+v", r.Status, diff, r.Lines)
			}
		})
	}
}

func TestParseTellsWhatEachLineIs(t *testing.T) {
	t.Parallel()
	r := elm327.Parse("010C\r41 0C 1A F8\r\nNO DATA\r%$!\rOK\r12.3V\r>")
	want := []elm327.Line{
		{Offset: 0, Text: "010C", Class: elm327.ClassEcho},
		{Offset: 5, Text: "41 0C 1A F8", Class: elm327.ClassMessage},
		{Offset: 18, Text: "NO DATA", Class: elm327.ClassStatus, Status: elm327.NoData},
		{Offset: 26, Text: "%$!", Class: elm327.ClassNoise, Reason: "not hexadecimal"},
		{Offset: 30, Text: "OK", Class: elm327.ClassAck},
		{Offset: 33, Text: "12.3V", Class: elm327.ClassVoltage},
	}
	if diff := cmp.Diff(want, r.Lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !r.Complete || !r.Ack || r.Millivolts != 12300 {
		t.Errorf("got %+v", r)
	}
}

// TestChecksums compares every rule. A wrong checksum costs the line only where
// the header tells the bus.
func TestChecksums(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		check elm327.Check
		used  bool
	}{
		"84F110410C1AF8E4": {elm327.CheckSum, true}, "84F110410C1AF8E0": {elm327.CheckWrong, false},
		"416B10410C1AF83D": {elm327.CheckCRC, true}, "416B10410C1AF8C1": {elm327.CheckWrong, false},
		"486B10410C1AF822": {elm327.CheckSum, true}, "486B10410C1AF8B2": {elm327.CheckCRC, true},
		"486B10410C1AF8FF": {elm327.CheckWrong, true}, "7E804410C1AF8": {elm327.Unchecked, true},
	} {
		r := elm327.Parse(text + "\r>")
		if r.Lines[0].Check != want.check || (len(r.Messages) == 1) != want.used || (r.Lines[0].Reason == "") != want.used {
			t.Errorf("%s: got %+v", text, r)
		}
	}
}

// TestLostLinesAreNamed makes sure that the line which began a message is
// blamed when the message never ends.
func TestLostLinesAreNamed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"frames":   "7E8 10 14 49 02 01 31 48 47\r7E8 21 43 4D 38 32 36 33 33\r>",
		"segments": "014\r0: 49 02 01 31 48 47\r1: 43 4D 38 32 36 33 33\r>",
		"numbered": "48 6B 10 49 02 02 00 00 00 31 AA\r>",
	} {
		if r := elm327.Parse(text); len(r.Messages) > 0 || r.Lines[0].Reason == "" {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}

// TestFaults names the ECU and the kind of what the transport lost.
func TestFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]elm327.Fault{
		"7E8 10 14 49 02 01 31 48 47\r7E8 21 43 4D 38 32 36 33 33\r>":                  {ECU: "7E8", Kind: isotp.Incomplete, Line: 0},
		"41 0D 3C\r18 DA F1 10 21 43\r>":                                               {ECU: "18DAF110", Kind: isotp.UnexpectedCF, Line: 1},
		"014\r0: 49 02 01 31 48 47\r1: 43 4D 38 32 36 33 33\r>":                        {Kind: isotp.Incomplete, Line: 0},
		"014\r0: 49 02 01 31 48 47\r2: 43 4D 38 32 36 33 33\r>":                        {Kind: isotp.WrongSequence, Line: 0},
		"48 6B 10 49 02 01 00 00 00 31 AA\r48 6B 10 49 02 03 38 32 36 33 AA\r41 0D 3C": {Kind: isotp.Incomplete, Line: 0},
	} {
		if r := elm327.Parse(text); len(r.Faults) != 1 || r.Faults[0] != want {
			t.Errorf("%q: got %+v", text, r.Faults)
		}
	}
}

func TestMarshal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"NO DATA\r>": `{"status":"no_data","messages":[]}`,
		"48 6B 10 41 0C 1A F8 22\r12.3V\rOK\r>": `{"status":"ok","ack":true,"voltage_mv":12300,` +
			`"messages":[{"payload":"410C1AF8","ecu":"10","header":"486B10","checksum":"22"}]}`,
		"48 6B 10 41 0C 1A F8 FF\r>": `{"status":"ok","messages":[{"payload":"410C1AF8","ecu":"10","header":"486B10","checksum":"FF","checksum_valid":false}]}`,
		"48 6B 10 49 04 01 00 01 02 03 14\r48 6B 10 49 04 02 04 05 06 07 FF\r>": `{"status":"ok","messages":[{"payload":"49040001020304050607","ecu":"10","checksum_valid":false}]}`,
		"48 6B 10 49 04 01 00 01 02 03 17\r48 6B 10 49 04 02 04 05 06 07 28\r>": `{"status":"ok","messages":[{"payload":"49040001020304050607","ecu":"10"}]}`,
	} {
		got, err := json.Marshal(elm327.Parse(text))
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}

func ExampleParse() {
	r := elm327.Parse("SEARCHING...\r7E8 04 41 0C 1A F8\r7E9 04 41 0C 1A F0\r\r>")
	for _, m := range r.Messages {
		fmt.Printf("%s % X\n", m.ECU, m.Payload)
	}
	fmt.Println(r.Status)
	// Output:
	// 7E8 41 0C 1A F8
	// 7E9 41 0C 1A F0
	// ok
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"84 F1 10 41 0C 1A F8 E4\r>", "0080:4303017101741:0300AAAAAAAAAA\r>", "490201000000314902024847434D\r>", "18DAF1101008430301710174\r18DAF110210300\r>", "44 OK>",
		"7E8 10 14 49 02 01 31 48 47\r7E8 21 43 4D 38 32 36 33 33\r>", "014\r0: 49 02 01 31 48 47\r1: 43\r>",
		"48 6B 10 49 02 01 00 01 02 03 FF\r48 6B 10 49 02 02 04 05 06 07 FF\r>", "SEARCHING...", "12.3V\r>", "43 NO DATA>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := elm327.Parse(text)
		size := 0
		for _, m := range r.Messages {
			if len(m.Payload) == 0 || m.Line < 0 || m.Line >= len(r.Lines) || m.Offset != r.Lines[m.Line].Offset {
				t.Fatalf("%+v", m)
			}
			size += len(m.Payload)
		}
		if size > len(text) {
			t.Fatalf("%d bytes out of %d characters", size, len(text))
		}
		for _, l := range r.Lines {
			if l.Class == "" || !strings.HasPrefix(text[l.Offset:], l.Text) || l.Class == elm327.ClassNoise && l.Reason == "" {
				t.Fatalf("%+v", l)
			}
		}
	})
}
