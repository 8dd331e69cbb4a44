package gbt32960_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestDecodeRefusesTheFrame(t *testing.T) {
	t.Parallel()
	good := frame(t, "#", 0x04, "1A0B14081E0F 0007")
	flipped := append([]byte(nil), good...)
	flipped[5] ^= 0x10
	long := append([]byte(nil), good...)
	long[22], long[23] = 0xFF, 0xFC
	tests := map[string]struct {
		bytes []byte
		want  vehicle.Refusal
	}{
		"nothing":         {nil, vehicle.Refusal{Offset: 0, Reason: "cut: needs 25 more bytes"}},
		"one byte":        {good[:1], vehicle.Refusal{Offset: 1, Reason: "cut: needs 24 more bytes"}},
		"no start":        {append([]byte("#$"), good[2:]...), vehicle.Refusal{Reason: "unknown start bytes 23 24"}},
		"cut head":        {good[:20], vehicle.Refusal{Offset: 20, Reason: "cut: needs 5 more bytes"}},
		"cut":             {good[:len(good)-1], vehicle.Refusal{Offset: 32, Reason: "cut: needs 1 more byte"}},
		"wrong check":     {flipped, vehicle.Refusal{Offset: 32, Place: "check", Reason: "wrong checksum: the frame says A5, its bytes give B5"}},
		"more bytes":      {append(good[:len(good):len(good)], 0, 0), vehicle.Refusal{Offset: 33, Reason: "2 bytes follow the frame"}},
		"reserved length": {long, vehicle.Refusal{Offset: 22, Place: "length", Reason: "impossible length 65532, want at most 65531"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f gbt32960.Frame
			var got *vehicle.Refusal
			if !errors.As(f.Decode(tt.bytes), &got) {
				t.Fatal("not refused")
			}
			want := tt.want
			if name == "wrong check" {
				want.Reason = got.Reason
				if !strings.HasPrefix(got.Reason, "wrong checksum: the frame says ") || f.Logout.Serial != 7 || f.BCC == f.BCCComputed {
					t.Errorf("got %q, frame %+v", got.Reason, f.Logout)
				}
			}
			if diff := cmp.Diff(want, *got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := f.AppendReadings(nil); got != nil {
				t.Errorf("readings of a refused frame: %v", got)
			}
		})
	}
}

// TestDecodeRefusesParts lists what is refused of a sound frame, and what is kept.
func TestDecodeRefusesParts(t *testing.T) {
	t.Parallel()
	const (
		now       = "1A0B14081E0F"
		engine16  = "04 01 0320 0064"
		engine25  = "04 0320"
		signature = "FF 02 0010 000102030405060708090A0B0C0D0E0F 0000"
	)
	tests := map[string]struct {
		start   string
		command byte
		data    string
		want    []vehicle.Refusal
		units   string // types of the units that stay
	}{
		"month 0":        {"#", 2, "1A0014081E0F" + engine16, []vehicle.Refusal{{Offset: 24, Place: "time", Reason: "no such time: 26-00-20 08:30:15"}}, "04"},
		"month 13":       {"#", 2, "1A0D14081E0F" + engine16, []vehicle.Refusal{{Offset: 24, Place: "time", Reason: "no such time: 26-13-20 08:30:15"}}, "04"},
		"hour 24":        {"#", 3, "1A0B14181E0F" + engine16, []vehicle.Refusal{{Offset: 24, Place: "time", Reason: "no such time: 26-11-20 24:30:15"}}, "04"},
		"31 February":    {"#", 2, "1A021F081E0F" + engine16, []vehicle.Refusal{{Offset: 24, Place: "time", Reason: "no such time: 26-02-31 08:30:15"}}, "04"},
		"no time at all": {"#", 2, "000000000000" + engine16, []vehicle.Refusal{{Offset: 24, Place: "time", Reason: "no such time: 00-00-00 00:00:00"}}, "04"},
		"invalid time":   {"#", 2, "FFFFFFFFFFFF" + engine16, []vehicle.Refusal{{Offset: 24, Place: "time", Reason: "no such time: 255-255-255 255:255:255"}}, "04"},
		"unknown type":   {"#", 2, now + engine16 + "0A 010203", []vehicle.Refusal{{Offset: 36, Place: "units[1]", Reason: "unit of unknown type 0A: its length is not known, the 3 bytes behind it cannot be read"}}, "04 0A"},
		"signature of 2016": {"#", 2, now + engine16 + signature, []vehicle.Refusal{{
			Offset: 36, Place: "units[1]", Reason: "unit of unknown type FF: its length is not known, the 21 bytes behind it cannot be read",
		}}, "04 FF"},
		"cut vehicle":      {"#", 2, now + engine16 + "01 0101", []vehicle.Refusal{{Offset: 36, Place: "units[1]", Reason: "vehicle unit (type 01) does not fit: cut: needs 1 more byte"}}, "04 01"},
		"too many motors":  {"#", 2, now + engine16 + "02 03 00", []vehicle.Refusal{{Offset: 36, Place: "units[1]", Reason: "drive_motor unit (type 02) does not fit: cut: needs 35 more bytes"}}, "04 02"},
		"maker's length":   {"#", 2, now + engine16 + "83 FFFF 01", []vehicle.Refusal{{Offset: 36, Place: "units[1]", Reason: "custom unit (type 83) does not fit: cut: needs 65534 more bytes"}}, "04 83"},
		"stacks":           {"$", 2, now + engine25 + "30 010203", []vehicle.Refusal{{Offset: 33, Place: "units[1]", Reason: "unit of unknown type 30: its length is not known, the 3 bytes behind it cannot be read"}}, "04 30"},
		"stacks, signed":   {"$", 2, now + engine25 + "30 010203" + signature, []vehicle.Refusal{{Offset: 33, Place: "units[1]", Reason: "unit of unknown type 30: its length is not known, the 3 bytes behind it cannot be read"}}, "04 30 FF"},
		"no type, signed":  {"$", 2, now + engine25 + "79 0102" + signature, []vehicle.Refusal{{Offset: 33, Place: "units[1]", Reason: "unit of unknown type 79: its length is not known, the 24 bytes behind it cannot be read"}}, "04 79"},
		"two signatures":   {"$", 2, now + "30" + "FF 02 002B" + "FF 02 0027" + strings.Repeat("00", 0x27) + "0000", []vehicle.Refusal{{Offset: 30, Place: "units[0]", Reason: "unit of unknown type 30: its length is not known, the 49 bytes behind it cannot be read"}}, "30"},
		"behind signature": {"$", 2, now + signature + engine25, []vehicle.Refusal{{Offset: 52, Place: "units[1]", Reason: "unit behind the signature, which must be the last"}}, "FF 04"},
		"cut time":         {"#", 2, "1A0B14", []vehicle.Refusal{{Offset: 27, Place: "real-time data", Reason: "cut: needs 3 more bytes"}}, ""},
		"cut login":        {"#", 1, now + "0001", []vehicle.Refusal{{Offset: 32, Place: "login", Reason: "cut: needs 20 more bytes"}}, ""},
		"codes of a login": {"$", 1, now + "0001" + strings.Repeat("30", 20) + "01 FD", []vehicle.Refusal{{Offset: 54, Place: "login", Reason: "cut: needs 6072 more bytes"}}, ""},
		"more than logout": {"#", 4, now + "0001 AABB", []vehicle.Refusal{{Offset: 32, Reason: "2 bytes follow the end of the logout"}}, ""},
		"heartbeat's body": {"#", 7, "AABB", []vehicle.Refusal{{Offset: 24, Reason: "2 bytes follow the end of the heartbeat"}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := decode(t, frame(t, tt.start, tt.command, tt.data))
			var got []vehicle.Refusal
			for _, r := range f.Refusals {
				got = append(got, *r)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var units []string
			for _, u := range f.Units {
				kind, _ := u.Type(f.Edition)
				units = append(units, strings.ToUpper(string("0123456789ABCDEF"[kind>>4])+string("0123456789ABCDEF"[kind&15])))
			}
			if got := strings.Join(units, " "); got != tt.units {
				t.Errorf("units %q, want %q", got, tt.units)
			}
			if _, err := json.Marshal(f); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCutListsKeepWhatIsWhole cuts units whose count says more than is there.
func TestCutListsKeepWhatIsWhole(t *testing.T) {
	t.Parallel()
	const (
		now    = "1A0B14081E0F"
		motor  = "01 01 45 4E20 4E20 46 0DDE 2710"
		cells  = "01 0DDE 2710 0002 0001 02 0E78 0E79"
		probes = "01 0002 4445"
	)
	tests := map[string]struct {
		start, unit string
		want        string // the unit, printed
		reason      string
	}{
		"one motor of three":  {"#", "02 03" + motor + "02 01", `"name":"drive_motor","count":1,"motors":[{"no":1,`, "drive_motor unit (type 02) does not fit: cut: needs 22 more bytes"},
		"no motor":            {"#", "02 03 01", `"name":"unknown"`, "drive_motor unit (type 02) does not fit: cut: needs 35 more bytes"},
		"one group of two":    {"#", "08 02" + cells + "02 0DDE 2710 0002 0001 02 0E78", `"cells_v":[3.704,3.705]}]}`, "cell_voltages unit (type 08) does not fit: cut: needs 2 more bytes"},
		"no group":            {"#", "08 02 01", `"name":"unknown"`, "cell_voltages unit (type 08) does not fit: cut: needs 19 more bytes"},
		"probes":              {"#", "09 02" + probes + "02 0004 44", `"subsystems":[{"no":1,"probe_count":2,"temps_c":[28,29]}]}`, "probe_temperatures unit (type 09) does not fit: cut: needs 3 more bytes"},
		"probes, groups left": {"#", "09 03" + probes, `"subsystems":[{"no":1,"probe_count":2,"temps_c":[28,29]}]}`, "probe_temperatures unit (type 09) does not fit: cut: needs 4 more bytes"},
		"faults":              {"#", "07 01 00000004 00 03 000000AB 000000AC 00", `"motor_faults":["000000AB","000000AC"],"engine_faults":[]`, "alarm unit (type 07) does not fit: cut: needs 3 more bytes"},
		"lists":               {"#", "07 01 00000004 00", `"flags":["pack_overvoltage"],"storage_faults":[],`, "alarm unit (type 07) does not fit: cut: needs 1 more byte"},
		"flags":               {"#", "07 01 0000", `"name":"unknown"`, "alarm unit (type 07) does not fit: cut: needs 2 more bytes"},
		"levels":              {"$", "06 01 00000004 00 00 00 00 02 0101 02", `"level_list":[{"bit":1,"level":1}]`, "alarm unit (type 06) does not fit: cut: needs 1 more byte"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := decode(t, frame(t, tt.start, 2, now+tt.unit))
			printed, err := json.Marshal(f)
			if err != nil || !strings.Contains(string(printed), tt.want) {
				t.Errorf("%v\ngot  %s\nwant %s", err, printed, tt.want)
			}
			if len(f.Refusals) != 1 || f.Refusals[0].Reason != tt.reason {
				t.Errorf("got %v, want %s", f.Refusals, tt.reason)
			}
			for _, r := range f.AppendReadings(nil) {
				if !strings.Contains(string(r.Signal), "Motor") {
					t.Errorf("%s of a part of the battery", r.Signal)
				}
			}
			if codes, ok := f.Codes(); ok && codes.Covers[0] != vehicle.CoversNone {
				t.Errorf("a part of the codes covers %v", codes.Covers)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		edition    gbt32960.Edition
		encryption uint8
		want       string
	}{
		{gbt32960.Edition2016, 1, ""},
		{gbt32960.Edition2016, 0, "unknown encryption 00"},
		{gbt32960.Edition2016, 2, "data unit is encrypted with RSA (02)"},
		{gbt32960.Edition2016, 4, "unknown encryption 04"},
		{gbt32960.Edition2025, 4, "data unit is encrypted with SM2 (04)"},
		{gbt32960.Edition2025, 5, "data unit is encrypted with SM4 (05)"},
		{gbt32960.Edition2025, 9, "unknown encryption 09"},
		{gbt32960.Edition2025, 0xFE, "encryption is marked abnormal (FE)"},
		{gbt32960.Edition2025, 0xFF, "encryption is marked invalid (FF)"},
	} {
		if got := tt.edition.Unreadable(tt.encryption); got != tt.want {
			t.Errorf("%s, %02X: got %q, want %q", tt.edition, tt.encryption, got, tt.want)
		}
	}
}

func TestDecodeReadsAtMostMaxUnits(t *testing.T) {
	t.Parallel()
	f := decode(t, frame(t, "$", 2, "1A0B14081E0F"+strings.Repeat("0200", gbt32960.MaxUnits+5)))
	if len(f.Units) != gbt32960.MaxUnits || len(f.Refusals) != 1 || f.Refusals[0].Reason != "more than 256 units" {
		t.Errorf("%d units, refusals %v", len(f.Units), f.Refusals)
	}
}

func TestMarksAndRanges(t *testing.T) {
	t.Parallel()
	f := decode(t, frame(t, "#", 2, "1A0B14081E0F 01 01FEFF 0899 FFFFFFFE FFFE 0000 FE 01 3F FFFF 65 65"))
	v := f.Units[0].(*gbt32960.Vehicle)
	outOfRange := func(v float64) gbt32960.Number {
		return gbt32960.Number{Value: v, Quality: vehicle.QualityOutOfRange}
	}
	want := &gbt32960.Vehicle{
		State: 1, ChargeState: 0xFE, RunMode: 0xFF, Speed: outOfRange(220.1), Odometer: abnormal, Voltage: abnormal, Current: num(-1000),
		SoC: abnormal, DCDC: 1, Gear: 0x3F, Insulation: invalid, Accelerator: outOfRange(101), Brake: outOfRange(101),
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCountsThatMeanNoList(t *testing.T) {
	t.Parallel()
	const now = "1A0B14081E0F"
	for data, want := range map[string]string{
		"02 FF":                             `{"type":2,"name":"drive_motor","count":255,"motors":[]}`,
		"08 FE":                             `{"type":8,"name":"cell_voltages","count":254,"subsystems":[]}`,
		"09 01 01 FFFF":                     `{"type":9,"name":"probe_temperatures","count":1,"subsystems":[{"no":1,"probe_count":65535,"temps_c":[]}]}`,
		"08 01 01 0DDE 2710 0060 0001 FF":   `{"type":8,"name":"cell_voltages","count":1,"subsystems":[{"no":1,"voltage_v":355,"current_a":0,"cell_total":96,"frame_start_cell":1,"frame_cell_count":255,"cells_v":[]}]}`,
		"07 01 00000003 FF FE 00 01 0000AB": "",
		"07 01 00080003 FF FE 00 00":        `{"type":7,"name":"alarm","max_level":1,"flags_raw":524291,"flags":["temperature_difference","battery_high_temperature","bit_19"],"storage_faults":[],"motor_faults":[],"engine_faults":[],"other_faults":[]}`,
	} {
		b := frame(t, "#", 2, now+data)
		f := decode(t, b)
		printed, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			if len(f.Refusals) != 1 {
				t.Errorf("%s: refusals %v", data, f.Refusals)
			}
			continue
		}
		if !strings.Contains(string(printed), `"infos":[`+want+`]`) || len(f.Refusals) > 0 {
			t.Errorf("%s: %v\ngot  %s\nwant %s", data, f.Refusals, printed, want)
		}
		if again := write(t, f); string(again) != string(b) {
			t.Errorf("%s: written as %X", data, again)
		}
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	const now = "1A0B14081E0F"
	key := strings.Repeat("AB", 4)
	tests := map[string]struct {
		start   string
		command byte
		data    string
		want    string
	}{
		"login, binary code":   {"#", 1, now + "0003" + strings.Repeat("20", 20) + "01 02 00FF", `"login":{"sequence":3,"iccid":"","storage_count":1,"code_length":2,"codes_hex":["00FF"],"trailing_bytes":0}`},
		"login, no list":       {"#", 1, now + "0003" + strings.Repeat("31", 20) + "FF 02", `"login":{"sequence":3,"iccid":"11111111111111111111","storage_count":255,"code_length":2,"codes":[],"trailing_bytes":0}`},
		"login, binary packs":  {"$", 1, now + "0003" + strings.Repeat("31", 20) + "02 01 FF" + strings.Repeat("01", 24), `"packs_per_bms":[1,255],"pack_codes_hex":[["` + strings.Repeat("01", 24) + `"],[]]`},
		"activation":           {"$", 9, now + strings.Repeat("31", 16) + "0004" + key + strings.Repeat("41", 17) + "01 0001 AA 0001 BB", `"activation":{"chip_id":"1111111111111111","public_key":"ABABABAB","vin":"AAAAAAAAAAAAAAAAA","signature":{"algorithm":1,"r":"aa","s":"bb"}}`},
		"activation answer":    {"$", 10, "0203", `"activation_answer":{"result":2,"info":3}`},
		"key exchange":         {"$", 11, "05 0004" + key + "1A0B14000000 1A0C14000000", `"key_exchange":{"algorithm":5,"key":"ABABABAB","valid_from":"2026-11-20T00:00:00+08:00","valid_to":"2026-12-20T00:00:00+08:00"}`},
		"activation of 2016":   {"#", 9, "0102", `"data":"0102"`},
		"unknown command":      {"#", 0x82, "0102", `"data":"0102"`},
		"position south, west": {"#", 2, now + "05 06 02625A00 00989680", `"longitude_deg":-40,"latitude_deg":-10`},
		"position, no mark":    {"$", 2, now + "05 00 02 00000000 FFFFFFFE", `"fix_valid":true,"longitude_deg":0,"latitude_deg":null,"quality":{"latitude_deg":"abnormal"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := frame(t, tt.start, tt.command, tt.data)
			f := decode(t, b)
			printed, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(printed), tt.want) || len(f.Refusals) > 0 {
				t.Errorf("%v\ngot  %s\nwant %s", f.Refusals, printed, tt.want)
			}
			if again := write(t, f); string(again) != string(b) {
				t.Errorf("written as %X, want %X", again, b)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	answer := func(data string) []byte {
		b := frame(t, "#", 1, data)
		b[3] = 0x01
		return check(b[:len(b)-1])
	}
	for data, want := range map[string]struct {
		time time.Time
		body string
	}{
		"":                  {time.Time{}, ""},
		"AABB":              {time.Time{}, "AABB"},
		"1A0B14081E0F":      {at, ""},
		"1A0B14081E0F 0102": {at, "0102"},
	} {
		f := decode(t, answer(data))
		if !f.Time.Equal(want.time) || string(f.AckBody) != string(unhex(t, want.body)) || len(f.Refusals) > 0 {
			t.Errorf("%q: time %v, body %X, refusals %v", data, f.Time, f.AckBody, f.Refusals)
		}
		if again := write(t, f); string(again) != string(answer(data)) {
			t.Errorf("%q: written as %X", data, again)
		}
	}
}

func TestVIN(t *testing.T) {
	t.Parallel()
	var f gbt32960.Frame
	f.SetVIN("861234567890123\r\n")
	if got := f.VIN(); got != "861234567890123\r\n" {
		t.Errorf("got %q", got)
	}
	f.SetVIN("123456789")
	if got := f.VIN(); got != "123456789" {
		t.Errorf("got %q", got)
	}
}

// TestFrameIsReused decodes a long frame, then a short one: nothing of the first
// is left.
func TestFrameIsReused(t *testing.T) {
	t.Parallel()
	long, short := write(t, realTime(gbt32960.Edition2016, car(gbt32960.Edition2016, 100, 30)...)), frame(t, "$", 2, "1A0B14081E0F 02 01 01 01 28 7D00 00030D40 28")
	var f gbt32960.Frame
	for _, b := range [][]byte{long, frame(t, "#", 2, "00"), short} {
		if err := f.Decode(b); err != nil {
			t.Fatal(err)
		}
	}
	want := []gbt32960.Unit{&gbt32960.Motors{List: []gbt32960.Motor{{Number: 1, State: 1, ControllerTemperature: num(0), Speed: num(0), Torque: num(0), Temperature: num(0)}}}}
	if diff := cmp.Diff(want, f.Units); diff != "" || len(f.Refusals) > 0 {
		t.Errorf("%v (-want +got):\n%s", f.Refusals, diff)
	}
}

func TestAppendFrameRefuses(t *testing.T) {
	t.Parallel()
	const e16, e25 = gbt32960.Edition2016, gbt32960.Edition2025
	old := realTime(e16)
	old.Time = time.Date(1999, 12, 31, 0, 0, 0, 0, china)
	login := &gbt32960.Frame{Command: gbt32960.CommandLogin, Response: gbt32960.IsCommand, Encryption: 1, Time: at}
	login.Login = gbt32960.Login{ICCID: []byte("1"), Count: 2, CodeLength: 2, Codes: [][]byte{{1, 2}}}
	for want, f := range map[string]*gbt32960.Frame{
		"write real-time data: speed_kmh: -1 does not fit 2 bytes":            realTime(e16, &gbt32960.Vehicle{Speed: num(-1)}),
		"write real-time data: crank_speed_rpm: 65534 does not fit 2 bytes":   realTime(e25, &gbt32960.Engine{Speed: num(65534)}),
		"write real-time data: edition 2025 has no extremes unit of type 06":  realTime(e25, &gbt32960.Extremes{}),
		"write real-time data: edition 2016 has no signature unit of type FF": realTime(e16, &gbt32960.Signature{}),
		"write real-time data: count: list of 254 is too long":                realTime(e16, &gbt32960.Motors{List: make([]gbt32960.Motor, 254)}),
		"write real-time data: count: marked as missing, with a list of 1":    realTime(e16, &gbt32960.Motors{List: make([]gbt32960.Motor, 1), Quality: vehicle.QualityInvalid}),
		"write real-time data: data unit of 65538 bytes, want at most 65531":  realTime(e16, &gbt32960.Maker{Kind: 0x80, Data: make([]byte, 65529)}),
		"write real-time data: length: 65536 bytes are too many":              realTime(e16, &gbt32960.Maker{Kind: 0x80, Data: make([]byte, 65536)}),
		"write real-time data: time: year 1999, want 2000 to 2099":            old,
		"write login: login: 1 codes, counted as 2":                           login,
	} {
		if got, err := gbt32960.AppendFrame([]byte("x"), f); err == nil || err.Error() != want || string(got) != "x" {
			t.Errorf("got %v, %q; want %s", err, got, want)
		}
	}
}

// TestCutFrameShowsItsHead prints frames that Decode refused: the head of one that
// is cut, and all of one whose check is wrong.
func TestCutFrameShowsItsHead(t *testing.T) {
	t.Parallel()
	b := frame(t, "#", 0x04, "1A0B14081E0F 0007")
	var f gbt32960.Frame
	for want, data := range map[string][]byte{
		`"length_valid":false,"bcc":0,"bcc_computed":0,"bcc_valid":false}`:              b[:30],
		`"bcc_valid":false,"time":"2026-11-20T08:30:15+08:00","logout":{"sequence":7}}`: append(b[:len(b)-1:len(b)-1], 0),
	} {
		if err := f.Decode(data); err == nil {
			t.Errorf("%X is not refused", data)
		}
		printed, err := json.Marshal(&f)
		if err != nil || !strings.HasSuffix(string(printed), want) || !strings.Contains(string(printed), testVIN) {
			t.Errorf("%v\ngot  %s\nwant %s", err, printed, want)
		}
	}
}
