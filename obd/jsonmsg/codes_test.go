package jsonmsg_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func ptr[T any](v T) *T { return &v }

func TestDecodeCodes(t *testing.T) {
	t.Parallel()
	payload := `{"boot": "b7", "seq": 1842, "time": "2026-11-22T10:00:05Z", "ecu": "7E8", "mil": true,
 "codes": [{"code": "P0171", "status": "confirmed", "freezeFrame": {"Vehicle.Speed": 40}},
           {"code": "u3106-08", "status": "pending", "uds": 47, "severity": 64, "note": 1}]}`
	got, refused, err := jsonmsg.DecodeCodes(vin, []byte(payload), received)
	if err != nil || len(refused) > 0 {
		t.Fatal(err, refused)
	}
	want := vehicle.Report{VIN: vin, Boot: "b7", Seq: 1842, Codes: []vehicle.CodeReport{{
		Time: time.Date(2026, 11, 22, 10, 0, 5, 0, time.UTC), ECU: "7E8", MIL: ptr(true),
		Codes: []vehicle.CodeEntry{
			{Code: "P0171", Status: vehicle.CodeConfirmed, FreezeFrame: []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(40)}}},
			{Code: "U3106-08", Status: vehicle.CodePending, UDS: ptr(uint8(47)), Severity: ptr(uint8(64))},
		},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeCodesRefusesParts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ codes, place, reason string }{
		"uds too large":     {`{"code":"P0171","status":"confirmed","uds":256}`, "codes[0].uds", "0 to 255"},
		"uds as text":       {`{"code":"P0171","status":"confirmed","uds":"2F"}`, "codes[0].uds", "0 to 255"},
		"severity negative": {`{"code":"P0171","status":"confirmed","severity":-1}`, "codes[0].severity", "0 to 255"},
		"freeze frame list": {`{"code":"P0171","status":"confirmed","freezeFrame":[1]}`, "codes[0].freezeFrame", "signals are an object"},
		"frozen text":       {`{"code":"P0171","status":"confirmed","freezeFrame":{"Vehicle.Speed":"fast"}}`, "codes[0].freezeFrame.Vehicle.Speed", "not a text"},
		"listed twice":      {`{"code":"P0171","status":"confirmed"},{"code":"P0171","status":"confirmed"}`, "codes[1]", "listed twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, refused, err := jsonmsg.DecodeCodes(vin, []byte(`{"time":"2026-11-22T10:00:00Z","codes":[`+tt.codes+`]}`), received)
			if err != nil {
				t.Fatal(err)
			}
			want := []vehicle.CodeEntry{{Code: "P0171", Status: vehicle.CodeConfirmed}}
			if diff := cmp.Diff(want, got.Codes[0].Codes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(refused) != 1 || !strings.HasPrefix(refused[0].Where(), tt.place) || !strings.Contains(refused[0].Reason, tt.reason) {
				t.Errorf("refused %q", refused)
			}
		})
	}
}

// What is wrong with the readiness leaves the codes.
func TestDecodeReadiness(t *testing.T) {
	t.Parallel()
	for give, want := range map[string]struct {
		readiness *vehicle.Readiness
		reason    string
	}{
		`{"incomplete":["egr_vvt","catalyst"],"complete":["misfire"],"note":[1]}`: {&vehicle.Readiness{Complete: []vehicle.Monitor{"misfire"}, Incomplete: []vehicle.Monitor{"catalyst", "egr_vvt"}}, ""},
		`{"complete":["misfire"]}`:                            {&vehicle.Readiness{Complete: []vehicle.Monitor{"misfire"}}, ""},
		`{"complete":["clutch"]}`:                             {nil, "no such monitor"},
		`{"complete":["misfire"],"incomplete":["misfire"]}`:   {nil, "misfire is given twice"},
		`{"complete":["misfire"],"complete":["fuel_system"]}`: {nil, "complete is given twice"},
		`["misfire"]`: {nil, "want an object"},
	} {
		got, refused, err := jsonmsg.DecodeCodes(vin, []byte(`{"time":"2026-11-22T10:00:00Z","ecu":"7E8","readiness":`+give+`,"codes":[{"code":"P0171","status":"pending"}]}`), received)
		if err != nil || len(got.Codes) != 1 || len(got.Codes[0].Codes) != 1 {
			t.Errorf("%s: %+v, %v", give, got, err)
			continue
		}
		if diff := cmp.Diff(want.readiness, got.Codes[0].Readiness); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", give, diff)
		}
		if (want.reason != "") != (len(refused) == 1) || want.reason != "" && (!strings.HasPrefix(refused[0].Where(), "readiness") || !strings.Contains(refused[0].Reason, want.reason)) {
			t.Errorf("%s: refused %q, want %q", give, refused, want.reason)
		}
	}
}

// A set with a hole would make a code look repaired: it is refused whole.
func TestDecodeCodesRefusesTheSet(t *testing.T) {
	t.Parallel()
	const at = `"time":"2026-11-22T10:00:00Z"`
	for name, tt := range map[string]struct{ payload, reason string }{
		"no time":              {`{"codes":[]}`, `"time" missing`},
		"no codes":             {`{` + at + `}`, `"codes" missing`},
		"clock not set":        {`{"time":"1980-01-06T00:00:00Z","codes":[]}`, "before the year 2000"},
		"wrong code":           {`{` + at + `,"codes":[{"code":"P0171","status":"confirmed"},{"code":"P01","status":"confirmed"}]}`, "parse trouble code"},
		"unknown status":       {`{` + at + `,"codes":[{"code":"P0171","status":"stored"}]}`, "status is not"},
		"no status":            {`{` + at + `,"codes":[{"code":"P0171"}]}`, `needs "code" and "status"`},
		"code is a number":     {`{` + at + `,"codes":[171]}`, "want '{'"},
		"two codes in one":     {`{` + at + `,"codes":[{"code":"P0171","code":"P0174","status":"confirmed"}]}`, "given twice"},
		"status uncovered":     {`{` + at + `,"covers":["pending"],"codes":[{"code":"P0171","status":"confirmed"}]}`, `not among "covers"`},
		"readiness cut":        {`{` + at + `,"readiness":{"complete":[1]},"codes":[]}`, "not a text"},
		"readiness twice":      {`{` + at + `,"readiness":{},"readiness":{},"codes":[]}`, "given twice"},
		"covers unknown":       {`{` + at + `,"covers":["all"],"codes":[]}`, "status is not"},
		"covers none and more": {`{` + at + `,"covers":["none","pending"],"codes":[]}`, "beside none"},
		"too many":             {`{` + at + `,"codes":[` + strings.Repeat(`{"code":"P0171","status":"pending"},{"code":"P0174","status":"pending"},`, 1) + manyCodes(600) + `]}`, "more than 512 codes"},
	} {
		_, _, err := jsonmsg.DecodeCodes(vin, []byte(tt.payload), received)
		var typed *vehicle.Refusal
		if !errors.As(err, &typed) || !strings.Contains(typed.Reason, tt.reason) {
			t.Errorf("%s: got %v, want %s", name, err, tt.reason)
		}
	}
}

func manyCodes(n int) string {
	var all []string
	for i := range n {
		c, _ := vehicle.CodeFromWord(uint16(0x1000 + i))
		all = append(all, `{"code":"`+string(c)+`","status":"pending"}`)
	}
	return strings.Join(all, ",")
}

func TestNoCodesIsAnAnswer(t *testing.T) {
	t.Parallel()
	got, _, err := jsonmsg.DecodeCodes(vin, []byte(`{"time":"2026-11-22T10:00:00Z","ecu":"7E9","codes":[]}`), received)
	if err != nil || len(got.Codes) != 1 || len(got.Codes[0].Codes) != 0 || got.Codes[0].MIL != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDecodeStatus(t *testing.T) {
	t.Parallel()
	for give, want := range map[string]bool{"online": true, "offline": false, "online\n": true} {
		if got, err := jsonmsg.DecodeStatus([]byte(give)); err != nil || got != want {
			t.Errorf("%q: got %v, %v", give, got, err)
		}
	}
	for _, give := range []string{"", "ONLINE", `"online"`, "1", strings.Repeat("x", 1000)} {
		if _, err := jsonmsg.DecodeStatus([]byte(give)); err == nil || len(err.Error()) > 200 {
			t.Errorf("%.20q: got %v", give, err)
		}
	}
}

func TestDecodeAdapter(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	got, refused, err := jsonmsg.DecodeAdapter(vin, []byte(`{"time":"2026-11-22T10:00:00Z","frames":[
 {"id":"7e8","data":"03410D3C"},{"id":"7E9","data":"0x12"},{"data":"00"},{"id":"123456789","data":"00"},{"id":"7E8","data":""},7,{"id":"18daf110","data":"00"}]}`), received)
	if err != nil {
		t.Fatal(err)
	}
	want := jsonmsg.Adapter{Report: vehicle.Report{VIN: vin}, Time: at, Frames: []jsonmsg.CANFrame{
		{ID: "7E8", Data: []byte{3, 0x41, 0x0D, 0x3C}}, {ID: "18DAF110", Data: []byte{0}, Index: 6},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(refused) != 5 || !strings.HasPrefix(refused[4].Where(), "frames[5], byte ") {
		t.Errorf("refused %q", refused)
	}
	for name, payload := range map[string]string{
		"no time":   `{"elm327":"NO DATA\r>"}`,
		"nothing":   `{"time":"2026-11-22T10:00:00Z"}`,
		"both":      `{"time":"2026-11-22T10:00:00Z","elm327":"","frames":[]}`,
		"a number":  `{"time":"2026-11-22T10:00:00Z","elm327":1}`,
		"no list":   `{"time":"2026-11-22T10:00:00Z","frames":"7E8"}`,
		"bare text": "410D3C",
		"too long":  `{"time":"2026-11-22T10:00:00Z","elm327":"` + strings.Repeat("410D3C ", 10_000) + `"}`,
	} {
		var typed *vehicle.Refusal
		if _, _, err := jsonmsg.DecodeAdapter(vin, []byte(payload), received); !errors.As(err, &typed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
