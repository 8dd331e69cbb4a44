package jtt808_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/jtt808"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// frame encodes a frame of a terminal of 2013.
func frame(t testing.TB, h jtt808.Header, body []byte) []byte {
	t.Helper()
	if h.Phone == "" {
		h.Phone = "013812345678"
	}
	b, err := jtt808.AppendFrame(nil, h, body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// somewhere is a location with a fix, in the south west, with three items.
func somewhere() jtt808.Location {
	return jtt808.Location{
		Status:   jtt808.StatusACC | jtt808.StatusFix,
		Latitude: -33.868820, Longitude: -70.6693, Altitude: 520, Speed: 63.2, Heading: 271,
		Time: time.Date(2026, 11, 22, 18, 0, 5, 0, jtt808.Zone),
		Items: []jtt808.Item{
			{ID: 0x01, Value: []byte{0x00, 0x01, 0x7E, 0x7D}}, {ID: 0x02, Value: []byte{0x01, 0x90}}, {ID: 0xEB, Value: []byte{}},
		},
	}
}

func locationBody(t testing.TB, l jtt808.Location) []byte {
	t.Helper()
	b, err := jtt808.AppendLocation(nil, l)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// texts are the refusals of a result.
func texts(r jtt808.Result) []string {
	var all []string
	for _, refusal := range r.Refusals {
		all = append(all, refusal.Error())
	}
	return all
}

func TestHeaderRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := jtt808.Header{
			ID:          jtt808.MessageID(rapid.Uint16().Draw(t, "id")),
			Edition2019: rapid.Bool().Draw(t, "2019"),
			Parted:      rapid.Bool().Draw(t, "parted"),
			Encryption:  rapid.Uint8Max(7).Draw(t, "encryption"),
			Serial:      rapid.Uint16().Draw(t, "serial"),
			LengthValid: true, ChecksumValid: true,
		}
		phone := 6
		if h.Edition2019 {
			phone, h.Version = 10, rapid.Uint8().Draw(t, "version")
		}
		if h.Parted {
			h.Total, h.Number = rapid.Uint16().Draw(t, "total"), rapid.Uint16().Draw(t, "number")
		}
		h.Phone = hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), phone, phone).Draw(t, "phone"))
		body := rapid.SliceOfN(rapid.SampledFrom([]byte{0x7E, 0x7D, 1, 2, 0}), 0, 1023).Draw(t, "body")
		h.Length = len(body)
		b, err := jtt808.AppendFrame(nil, h, body)
		if err != nil {
			t.Fatal(err)
		}
		got := jtt808.Decode(b)
		if len(got.Frames) == 0 || got.Frames[0].Header != h || !bytes.Equal(got.Frames[0].Body, body) {
			t.Fatalf("got %+v", got.Frames)
		}
	})
}

func TestEncodersRefuse(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]jtt808.Header{
		"no phone":                {},
		"11 digits":               {Phone: "13812345678"},
		"letters":                 {Phone: "0138123456xx"},
		"12 digits in 2019":       {Phone: "013812345678", Edition2019: true},
		"20 digits before that":   {Phone: "00000000013812345678"},
		"a digit of another kind": {Phone: "０13812345678"},
	} {
		if _, err := jtt808.AppendFrame(nil, h, nil); err == nil {
			t.Errorf("%s: encoded", name)
		}
	}
	if _, err := jtt808.AppendFrame(nil, jtt808.Header{Phone: "013812345678"}, make([]byte, 1024)); err == nil {
		t.Error("body of 1024 bytes is encoded")
	}
	for name, change := range map[string]func(*jtt808.Location){
		"latitude":       func(l *jtt808.Location) { l.Latitude = 5000 },
		"negative speed": func(l *jtt808.Location) { l.Speed = -1 },
		"fast":           func(l *jtt808.Location) { l.Speed = 6554 },
		"year 1999":      func(l *jtt808.Location) { l.Time = l.Time.AddDate(-27, 0, 0) },
		"year 2100":      func(l *jtt808.Location) { l.Time = l.Time.AddDate(74, 0, 0) },
		"long item":      func(l *jtt808.Location) { l.Items[0].Value = make([]byte, 256) },
	} {
		l := somewhere()
		change(&l)
		if _, err := jtt808.AppendLocation(nil, l); err == nil {
			t.Errorf("%s: encoded", name)
		}
	}
}

func TestFraming(t *testing.T) {
	t.Parallel()
	beat := frame(t, jtt808.Header{ID: jtt808.Heartbeat, Serial: 1}, nil)
	next := frame(t, jtt808.Header{ID: jtt808.Heartbeat, Serial: 2}, nil)
	flipped := bytes.Clone(next)
	flipped[5] ^= 1
	wrongLength := bytes.Clone(beat)
	wrongLength[4], wrongLength[13] = 1, wrongLength[13]^1
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	tests := map[string]struct {
		payload []byte
		serials []uint16 // of sound frames
		reasons []string
	}{
		"one":                   {beat, []uint16{1}, nil},
		"two":                   {join(beat, next), []uint16{1, 2}, nil},
		"two that share a 7E":   {join(beat, next[1:]), []uint16{1, 2}, nil},
		"7E between":            {join(beat, []byte{0x7E, 0x7E}, next), []uint16{1, 2}, nil},
		"nothing":               {nil, nil, []string{"byte 0: no frame in 0 bytes: nothing is between two 7E"}},
		"no frame":              {[]byte("hello"), nil, []string{"byte 0: no frame in 5 bytes: nothing is between two 7E"}},
		"one 7E":                {[]byte{0x7E}, nil, []string{"byte 0: no frame in 1 bytes: nothing is between two 7E"}},
		"two 7E":                {[]byte{0x7E, 0x7E}, nil, []string{"byte 0: no frame in 2 bytes: nothing is between two 7E"}},
		"only 7E":               {bytes.Repeat([]byte{0x7E}, 5), nil, []string{"byte 0: no frame in 5 bytes: nothing is between two 7E"}},
		"a frame not ended":     {next[:9], nil, []string{"frames[0], byte 0: the frame is not ended by 7E"}},
		"noise before":          {join([]byte{1, 2, 3}, beat), []uint16{1}, []string{"byte 0: 3 bytes before the first 7E"}},
		"noise between":         {join(beat, []byte{1, 2, 3}, next), []uint16{1, 2}, []string{"frames[1], byte 14: 3 bytes are too short for a header and a checksum"}},
		"cut at the end":        {join(beat, next[:9]), []uint16{1}, []string{"frames[1], byte 15: the frame is not ended by 7E"}},
		"cut in the middle":     {join(next[:9], beat), []uint16{1}, []string{"frames[0], byte 0: 8 bytes are too short for a header and a checksum"}},
		"bit flipped":           {join(flipped, beat), []uint16{1}, []string{"frames[0], byte 13: checksum is " + fmt.Sprintf("%02X, want %02X", next[13], next[13]^1)}},
		"wrong escape":          {join([]byte{0x7E, 0, 2, 0x7D, 3, 0x7E}, beat), []uint16{1}, []string{"frames[0], byte 3: 7D is followed by neither 01 nor 02"}},
		"escape before the end": {join([]byte{0x7E, 0, 2, 0x7D, 0x7E}, beat), []uint16{1}, []string{"frames[0], byte 3: 7D is followed by neither 01 nor 02"}},
		"wrong length":          {wrongLength, []uint16{1}, []string{"frames[0], byte 0: the header says 1 bytes, the body has 0 and is read"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := jtt808.Decode(tt.payload)
			var serials []uint16
			for _, f := range r.Frames {
				if f.Fault == "" {
					serials = append(serials, f.Header.Serial)
				}
			}
			if diff := cmp.Diff(tt.serials, serials); diff != "" {
				t.Errorf("serials (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.reasons, texts(r)); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBareFlags reads frames of a terminal that does not escape 7E.
func TestBareFlags(t *testing.T) {
	t.Parallel()
	body := locationBody(t, somewhere())
	body[18] = 0x7E // in the speed, and in the odometer there is one already
	sound := frame(t, jtt808.Header{ID: jtt808.LocationReport}, body)
	bare := bytes.ReplaceAll(sound, []byte{0x7D, 0x02}, []byte{0x7E})
	if len(bare) != len(sound)-2 {
		t.Fatalf("%X", bare)
	}
	beat := frame(t, jtt808.Header{ID: jtt808.Heartbeat}, nil)
	r := jtt808.Decode(append(bytes.Clone(bare), beat...))
	if len(r.Frames) != 2 || len(r.Refusals) > 0 || !bytes.Equal(r.Frames[0].Body, body) {
		t.Fatalf("got %+v, %v", r.Frames, texts(r))
	}
	bare[3] ^= 1 // length and checksum do not agree any more
	if r := jtt808.Decode(append(bare, beat...)); len(r.Refusals) == 0 || r.Frames[len(r.Frames)-1].Header.ID != jtt808.Heartbeat {
		t.Errorf("got %+v, %v", r.Frames, texts(r))
	}
}

func TestRefusalsAreBounded(t *testing.T) {
	t.Parallel()
	r := jtt808.Decode(bytes.Repeat([]byte{0x7E, 1}, 1000))
	if len(r.Refusals) != jtt808.MaxRefusals+1 || r.Refusals[jtt808.MaxRefusals].Reason != "more parts refused than are listed" {
		t.Errorf("%d refusals", len(r.Refusals))
	}
}

func TestEncrypted(t *testing.T) {
	t.Parallel()
	r := jtt808.Decode(frame(t, jtt808.Header{ID: jtt808.LocationReport, Encryption: 1}, make([]byte, 40)))
	if diff := cmp.Diff([]string{"frames[0], byte 13: the body is encrypted"}, texts(r)); diff != "" || r.Frames[0].Location != nil {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	body, err := jtt808.AppendBatch(nil, 1, locations(60))
	if err != nil {
		t.Fatal(err)
	}
	h := jtt808.Header{ID: jtt808.LocationBatch, Phone: "013812345678", Serial: 0xFFFF}
	payload, err := jtt808.AppendMessage(nil, h, body)
	if err != nil {
		t.Fatal(err)
	}
	parts := bytes.SplitAfter(payload, []byte{0x7E, 0x7E})
	for i := range parts[:len(parts)-1] { // the second 7E begins the next part
		parts[i] = parts[i][:len(parts[i])-1]
		parts[i+1] = append([]byte{0x7E}, parts[i+1]...)
	}
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	for name, tt := range map[string]struct {
		order []int
		whole bool
		why   string
	}{
		"in order":     {[]int{0, 1, 2}, true, ""},
		"out of order": {[]int{2, 0, 1}, true, ""},
		"repeated":     {[]int{0, 1, 0, 2}, true, ""},
		"one missing":  {[]int{0, 2}, false, "frames[0], byte 0: message 0704 comes in 3 parts, 2 of them in this payload: not read"},
		"one alone":    {[]int{1}, false, "frames[0], byte 0: message 0704 comes in 3 parts, 1 of them in this payload: not read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var payload []byte
			for _, i := range tt.order {
				payload = append(payload, parts[i]...)
			}
			r := jtt808.Decode(payload)
			var whole []jtt808.Frame
			for _, f := range r.Frames {
				if f.Batch != nil {
					whole = append(whole, f)
				}
			}
			if !tt.whole {
				if len(whole) > 0 || len(r.Refusals) != 1 || r.Refusals[0].Error() != tt.why {
					t.Errorf("got %d, %v", len(whole), texts(r))
				}
				return
			}
			if len(r.Refusals) > 0 || len(whole) != 1 || whole[0].Parts != 3 || len(whole[0].Batch.Locations) != 60 || whole[0].Batch.Type != 1 {
				t.Errorf("got %d, %v", len(whole), texts(r))
			}
		})
	}
	for number, why := range map[uint16]string{0: "part 0 of 2", 3: "part 3 of 2"} {
		r := jtt808.Decode(frame(t, jtt808.Header{ID: jtt808.Transparent, Parted: true, Total: 2, Number: number}, nil))
		if len(r.Refusals) != 1 || r.Refusals[0].Reason != why {
			t.Errorf("got %v", texts(r))
		}
	}
}

func locations(n int) []jtt808.Location {
	all := make([]jtt808.Location, n)
	for i := range all {
		all[i] = somewhere()
		all[i].Time = all[i].Time.Add(time.Duration(i) * time.Second)
	}
	return all
}

// TestOffsetsCountEscapes finds a fault behind escaped bytes, in the third frame.
func TestOffsetsCountEscapes(t *testing.T) {
	t.Parallel()
	l := somewhere()
	l.Items = append(l.Items[:1], jtt808.Item{ID: 0x03, Value: []byte{9}}) // the speed has two bytes
	b := frame(t, jtt808.Header{ID: jtt808.LocationReport}, locationBody(t, l))
	beat := frame(t, jtt808.Header{ID: jtt808.Heartbeat}, nil)
	payload := append(append(bytes.Clone(beat), beat...), b...)
	want := bytes.Index(payload, []byte{0x03, 0x01, 0x09})
	r := jtt808.Decode(payload)
	if diff := cmp.Diff([]string{fmt.Sprintf("frames[2], byte %d: item 03 has 1 bytes, want 2", want)}, texts(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCutFrame tells a frame that lost bytes from one with a flipped bit.
func TestCutFrame(t *testing.T) {
	t.Parallel()
	b := frame(t, jtt808.Header{ID: jtt808.Transparent}, []byte{0xF0, 1, 2, 0x7D, 4})
	cut := append(bytes.Clone(b[:len(b)-3]), 0x7E)
	r := jtt808.Decode(cut)
	want := fmt.Sprintf("frames[0], byte %d: cut or damaged: the header says 5 bytes, the body has 3; checksum is 7D, want ", len(cut)-3)
	if got := texts(r); len(got) != 1 || !strings.HasPrefix(got[0], want) || r.Frames[0].Fault != jtt808.FaultChecksum || r.Frames[0].Header.LengthValid {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestOffsetsInParts finds a fault in the last part of a message.
func TestOffsetsInParts(t *testing.T) {
	t.Parallel()
	all := locations(60)
	all[59].Items = []jtt808.Item{{ID: 0x03, Value: []byte{9}}}
	body, err := jtt808.AppendBatch(nil, 0, all)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := jtt808.AppendMessage(nil, jtt808.Header{ID: jtt808.LocationBatch, Phone: "013812345678"}, body)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("frames[0].locations[59], byte %d: item 03 has 1 bytes, want 2", bytes.Index(payload, []byte{0x03, 0x01, 0x09}))
	if diff := cmp.Diff([]string{want}, texts(jtt808.Decode(payload))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header jtt808.Header
		body   string
		want   string // the printed content
		reason string
	}{
		"long answer":         {jtt808.Header{ID: jtt808.TerminalAnswer}, "0012 8104 00 AABB", `{"answer":{"serial":18,"msg_id":"8104","result":0}}`, "2 bytes behind the end of the body, want 5"},
		"heartbeat with body": {jtt808.Header{ID: jtt808.Heartbeat}, "AA", `{}`, "1 bytes behind the end of the body, want 0"},
		"general answer":      {jtt808.Header{ID: jtt808.PlatformAnswer}, "0012 0200 00", `{"answer":{"serial":18,"msg_id":"0200","result":0}}`, ""},
		"short answer":        {jtt808.Header{ID: jtt808.TerminalAnswer}, "0012", `{}`, "body of 2 bytes, want at least 5"},
		"registered":          {jtt808.Header{ID: jtt808.RegistrationAnswer}, "0012 00 414243", `{"answer":{"serial":18,"msg_id":"0100","result":0,"code":"ABC"}}`, ""},
		"not registered":      {jtt808.Header{ID: jtt808.RegistrationAnswer}, "0012 03", `{"answer":{"serial":18,"msg_id":"0100","result":3}}`, ""},
		"transparent":         {jtt808.Header{ID: jtt808.Transparent}, "F0 0102AB", `{"transparent":{"data":"0102AB","type":"F0"}}`, ""},
		"transparent, empty":  {jtt808.Header{ID: jtt808.Transparent}, "", `{}`, "body of 0 bytes, want at least 1"},
		"authentication":      {jtt808.Header{ID: jtt808.Authentication}, "414243", `{"authentication":{"code":"ABC"}}`, ""},
		"authentication 2019": {jtt808.Header{ID: jtt808.Authentication, Edition2019: true, Phone: "00000000013812345678"}, "03 414243" + strings.Repeat("31", 15) + "5631" + strings.Repeat("00", 18), `{"authentication":{"code":"ABC","imei":"111111111111111","software":"V1"}}`, ""},
		"authentication, cut": {jtt808.Header{ID: jtt808.Authentication, Edition2019: true, Phone: "00000000013812345678"}, "03 4142", `{}`, "body of 3 bytes, want at least 39"},
		"registration 2011":   {jtt808.Header{ID: jtt808.Registration}, "002C 012F 3730313131 42534A2D41362D42 30303030303031 01 D4C142", `{"registration":{"province":44,"city":303,"manufacturer":"70111","model":"BSJ-A6-B","terminal_id":"0000001","plate_colour":1,"plate":"0xD4C142"}}`, ""},
		"registration 2013":   {jtt808.Header{ID: jtt808.Registration}, "002C 012F 3730313131 42534A" + strings.Repeat("00", 17) + "30303030303031 00 313233", `{"registration":{"province":44,"city":303,"manufacturer":"70111","model":"BSJ","terminal_id":"0000001","plate_colour":0,"plate":"123"}}`, ""},
		"registration 2019":   {jtt808.Header{ID: jtt808.Registration, Edition2019: true, Phone: "00000000013812345678"}, "002C 012F" + "41" + strings.Repeat("00", 10) + "42" + strings.Repeat("00", 29) + "43" + strings.Repeat("00", 29) + "02 58", `{"registration":{"province":44,"city":303,"manufacturer":"A","model":"B","terminal_id":"C","plate_colour":2,"plate":"X"}}`, ""},
		"short registration":  {jtt808.Header{ID: jtt808.Registration}, "002C 012F", `{}`, "body of 4 bytes, want at least 25"},
		"short location":      {jtt808.Header{ID: jtt808.LocationReport}, "0000", `{}`, "location of 2 bytes, want at least 28"},
		"empty batch":         {jtt808.Header{ID: jtt808.LocationBatch}, "0000 00", `{"batch":{"count":0,"type":0,"locations":[]}}`, ""},
		"batch with too few":  {jtt808.Header{ID: jtt808.LocationBatch}, "0001 01", `{"batch":{"count":1,"type":1,"locations":[]}}`, "1 locations are announced, 0 are there"},
		"batch, cut":          {jtt808.Header{ID: jtt808.LocationBatch}, "0001 01 0030 00", `{"batch":{"count":1,"type":1,"locations":[]}}`, "location of 48 bytes, 1 are left"},
		"batch with more":     {jtt808.Header{ID: jtt808.LocationBatch}, "0000 01 0030", `{"batch":{"count":0,"type":1,"locations":[]}}`, "2 bytes behind the last location"},
		"short batch":         {jtt808.Header{ID: jtt808.LocationBatch}, "0000", `{}`, "body of 2 bytes, want at least 3"},
		"heartbeat":           {jtt808.Header{ID: jtt808.Heartbeat}, "", `{}`, ""},
		"of no interest":      {jtt808.Header{ID: 0x0104}, "0102", `{}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := jtt808.Decode(frame(t, tt.header, unhex(t, tt.body)))
			if len(r.Frames) != 1 {
				t.Fatalf("%d frames", len(r.Frames))
			}
			got, err := json.Marshal(r.Frames[0].Content)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			reason := ""
			for _, refusal := range r.Refusals {
				reason += refusal.Reason
			}
			if reason != tt.reason {
				t.Errorf("reason %q, want %q", reason, tt.reason)
			}
		})
	}
}
