package uds_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// diffJSON compares the JSON of a result with the one wanted, whatever the order.
func diffJSON(t *testing.T, want string, result any) string {
	t.Helper()
	printed, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal([]byte(want), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(printed, &b); err != nil {
		t.Fatal(err)
	}
	return cmp.Diff(a, b)
}

func TestDecodeCodes(t *testing.T) {
	t.Parallel()
	const (
		all = `"status_availability": {"raw": "FF", "flags": ["test_failed", "test_failed_this_cycle", "pending", "confirmed",
			"not_completed_since_clear", "failed_since_clear", "not_completed_this_cycle", "warning_indicator"]}`
		confirmed = `"status": {"raw": "08", "flags": ["confirmed"]}`
	)
	lengths := uds.Options{Lengths: map[uint16]int{0x4711: 2, 0x4712: 1}, Records: map[uint8]int{1: 1, 0: 2}}
	tests := map[string]struct {
		message string
		options uds.Options
		want    string
	}{
		"12 count":          {"5912 FF 04 0102", uds.Options{}, `{"subfunction": "12", ` + all + `, "format": 4, "count": 258}`},
		"count and padding": {"5901 FF 00 0000 0000", uds.Options{}, `{"subfunction": "01", ` + all + `, "format": 0, "count": 0}`},
		"0E names the failure type": {"590E FF 013311 08", uds.Options{},
			`{"subfunction": "0E", ` + all + `, "dtcs": [{"dtc": "013311", "text": "P0133-11", "failure": "short to ground", ` + confirmed + `}]}`},
		"13 none": {"5913 FF", uds.Options{}, `{"subfunction": "13", ` + all + `, "dtcs": []}`},
		"15 with a last byte of 0": {"5915 FF 010000 00 00", uds.Options{},
			`{"subfunction": "15", ` + all + `, "dtcs": [{"dtc": "010000", "text": "P0100-00", "failure": "no failure type", "status": {"raw": "00", "flags": []}}]}`},
		"BMW": {"5902 FF 5E2000 08", uds.Options{Naming: uds.NamingMaker},
			`{"subfunction": "02", ` + all + `, "dtcs": [{"dtc": "5E2000", "text": "0x5E2000", ` + confirmed + `}]}`},
		"heavy vehicle by option": {"5902 FF 610213 08", uds.Options{Naming: uds.NamingJ1939},
			`{"subfunction": "02", ` + all + `, "dtcs": [{"dtc": "610213", "text": "SPN609-FMI19", ` + confirmed + `}]}`},
		"42 follows its format": {"5942 33 FF 1E 02 02 FFFFFF 08", uds.Options{},
			`{"subfunction": "42", "functional_group": 51, ` + all + `, "severity_availability": "1E", "format": 2,
			"dtcs": [{"dtc": "FFFFFF", "text": "SPN524287-FMI31", "severity": "02", ` + confirmed + `}]}`},
		"42 of ISO 11992": {"5942 33 FF 1E 03 02 ABCDEF 08", uds.Options{},
			`{"subfunction": "42", "functional_group": 51, ` + all + `, "severity_availability": "1E", "format": 3,
			"dtcs": [{"dtc": "ABCDEF", "text": "0xABCDEF", "severity": "02", ` + confirmed + `}]}`},
		"55": {"5955 33 FF 04 C10087 08", uds.Options{},
			`{"subfunction": "55", "functional_group": 51, ` + all + `, "format": 4, "dtcs": [{"dtc": "C10087", "text": "U0100-87", "failure": "message missing", ` + confirmed + `}]}`},
		"09": {"5909 FF 20 05 013313 08", uds.Options{},
			`{"subfunction": "09", ` + all + `, "dtcs": [{"dtc": "013313", "text": "P0133-13", "failure": "open circuit", "severity": "20", "functional_unit": "05", ` + confirmed + `}]}`},
		"14 signed": {"5914 013311 80 013312 FF", uds.Options{},
			`{"subfunction": "14", "fault_counters": [{"dtc": "013311", "value": -128}, {"dtc": "013312", "value": -1}]}`},
		"04 two records": {"5904 013399 08 01 02 4711 AABB 4712 CC 02 01 4712 DD 00 00", lengths,
			`{"subfunction": "04", "dtcs": [{"dtc": "013399", "text": "P0133-99", ` + confirmed + `, "snapshots": [
				{"record": 1, "identifiers": 2, "did": "4711", "data": "AABB"}, {"record": 1, "identifiers": 2, "did": "4712", "data": "CC"},
				{"record": 2, "identifiers": 1, "did": "4712", "data": "DD"}]}]}`},
		"04 number of DIDs not defined": {"5904 013399 08 01 00 4711 AABB 4712 CC", lengths,
			`{"subfunction": "04", "dtcs": [{"dtc": "013399", "text": "P0133-99", ` + confirmed + `, "snapshots": [
				{"record": 1, "identifiers": 0, "did": "4711", "data": "AABB"}, {"record": 1, "identifiers": 0, "did": "4712", "data": "CC"}]}]}`},
		"04 none":         {"5904 013399 08", lengths, `{"subfunction": "04", "dtcs": [{"dtc": "013399", "text": "P0133-99", ` + confirmed + `, "snapshots": []}]}`},
		"05 none":         {"5905 02", lengths, `{"subfunction": "05", "dtcs": []}`},
		"05 code without": {"5905 02 013399 08", lengths, `{"subfunction": "05", "dtcs": [{"dtc": "013399", "text": "P0133-99", ` + confirmed + `, "snapshots": []}]}`},
		"05 two records of one code, then another": {"5905 01 013399 08 01 4712 AA 02 013399 08 01 4712 BB 01 023499 08 00", lengths,
			`{"subfunction": "05", "dtcs": [
				{"dtc": "013399", "text": "P0133-99", ` + confirmed + `, "snapshots": [
					{"record": 1, "identifiers": 1, "did": "4712", "data": "AA"}, {"record": 2, "identifiers": 1, "did": "4712", "data": "BB"}]},
				{"dtc": "023499", "text": "P0234-99", ` + confirmed + `, "snapshots": []}]}`},
		"06": {"5906 013399 08 01 AA 02 BBCC 00", lengths,
			`{"subfunction": "06", "dtcs": [{"dtc": "013399", "text": "P0133-99", ` + confirmed + `, "extended": [{"record": 1, "data": "AA"}, {"record": 2, "data": "BBCC"}]}]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			codes, refusals, err := uds.DecodeCodes(unhex(t, tt.message), tt.options)
			if err != nil || len(refusals) > 0 {
				t.Fatal(err, refusals)
			}
			if diff := diffJSON(t, tt.want, codes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDecodeCodesKeepsWhatIsSound cuts records: what stands before them is kept.
func TestDecodeCodesKeepsWhatIsSound(t *testing.T) {
	t.Parallel()
	options := uds.Options{Lengths: map[uint16]int{0x4712: 1, 0x4713: -1, 0x4714: 1 << 62}, Records: map[uint8]int{1: 1, 2: -1, 3: 1 << 62}}
	tests := map[string]struct {
		message string
		kept    int // codes, snapshots, counters and records
		want    vehicle.Refusal
	}{
		"list":            {"5902 FF 01331108 0133", 1, vehicle.Refusal{Offset: 7, Place: "record 1", Reason: "record has 2 of 4 bytes"}},
		"severity":        {"5908 FF 2005013313", 0, vehicle.Refusal{Offset: 3, Place: "record 0", Reason: "record has 5 of 6 bytes"}},
		"identification":  {"5903 01331101 01", 1, vehicle.Refusal{Offset: 6, Place: "record 1", Reason: "record has 1 of 4 bytes"}},
		"counters":        {"5914 01331101 0133", 1, vehicle.Refusal{Offset: 6, Place: "record 1", Reason: "record has 2 of 4 bytes"}},
		"zero inside":     {"5902 FF 00000000 00000000 01331108", 1, vehicle.Refusal{Offset: 3, Place: "record 0", Reason: "record is zero and others follow: neither a code nor padding"}},
		"after the count": {"5901 FF 01 0001 07", 0, vehicle.Refusal{Offset: 6, Reason: "1 bytes after the end of the answer"}},
		"unknown DID":     {"5904 013399 08 01 02 4712 AA 4711 BB", 2, vehicle.Refusal{Offset: 11, Place: "snapshot record 01, DID 4711", Reason: "length of the data is not known: give it in a table"}},
		"negative length": {"5904 013399 08 01 01 4713 AA", 1, vehicle.Refusal{Offset: 8, Place: "snapshot record 01, DID 4713", Reason: "length of the data is not known: give it in a table"}},
		"huge length":     {"5904 013399 08 01 01 4714 AA", 1, vehicle.Refusal{Offset: 8, Place: "snapshot record 01, DID 4714", Reason: "answer ends within its 4611686018427387904 bytes"}},
		"cut DID":         {"5904 013399 08 01 01 47", 1, vehicle.Refusal{Offset: 8, Place: "snapshot record 01", Reason: "answer ends within its 2 bytes"}},
		"cut data":        {"5904 013399 08 01 01 4712", 1, vehicle.Refusal{Offset: 8, Place: "snapshot record 01, DID 4712", Reason: "answer ends within its 1 bytes"}},
		"cut record":      {"5904 013399 08 07", 1, vehicle.Refusal{Offset: 6, Place: "snapshot record 07", Reason: "answer ends within its 2 bytes"}},
		"stored record":   {"5905 01 0133", 0, vehicle.Refusal{Offset: 2, Place: "stored record 01", Reason: "answer ends within its 5 bytes"}},
		"extended":        {"5906 013399 08 01 AA 01", 2, vehicle.Refusal{Offset: 8, Place: "extended data record 01", Reason: "answer ends within its 1 bytes"}},
		"extended length": {"5906 013399 08 02 AA", 1, vehicle.Refusal{Offset: 6, Place: "extended data record 02", Reason: "length of the record is not known: give it in the options"}},
		"extended huge":   {"5906 013399 08 03 AA", 1, vehicle.Refusal{Offset: 6, Place: "extended data record 03", Reason: "answer ends within its 4611686018427387904 bytes"}},
		"VIN in snapshot": {"5904 013399 08 01 01 F190 0102030405060708090A0B0C0D0E0F1011", 2,
			vehicle.Refusal{Offset: 10, Place: "snapshot record 01, DID F190", Reason: `parse VIN "\x01\x02\x03\x04\x05\x06\a\b\t\n\v\f\r\x0e\x0f\x10\x11"`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			codes, refusals, err := uds.DecodeCodes(unhex(t, tt.message), options)
			if err != nil || len(refusals) != 1 {
				t.Fatal(err, refusals)
			}
			got := *refusals[0]
			if strings.HasPrefix(got.Reason, tt.want.Reason) {
				got.Reason = tt.want.Reason // the rest is another package's text
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			kept := len(codes.DTCs) + len(codes.Snapshots) + len(codes.Counters)
			for _, d := range codes.DTCs {
				kept += len(d.Snapshots) + len(d.Extended)
			}
			if kept != tt.kept {
				t.Errorf("kept %d, want %d: %+v", kept, tt.kept, codes)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	codes := func(b []byte, o uds.Options) error { _, _, err := uds.DecodeCodes(b, o); return err }
	data := func(b []byte, o uds.Options) error { _, _, err := uds.DecodeData(b, o); return err }
	tests := map[string]struct {
		decode  func([]byte, uds.Options) error
		message string
		kind    uds.Kind
		want    string
	}{
		"empty":                {codes, "", uds.TooShort, "byte 0: message is empty"},
		"service only":         {codes, "59", uds.TooShort, "byte 1: answer ends before its sub-function"},
		"cut head":             {codes, "5901FB01", uds.TooShort, "byte 4: number of DTCs by status mask: answer has 4 bytes, want at least 6"},
		"cut code":             {codes, "59041234", uds.TooShort, "byte 4: snapshots by DTC: answer has 4 bytes, want at least 6"},
		"cut record number":    {codes, "5905", uds.TooShort, "byte 2: stored data by record number: answer has 2 bytes, want at least 3"},
		"unknown sub-function": {codes, "597F", uds.UnknownSubfunction, "byte 1: sub-function 7F cannot be read"},
		"service 22":           {codes, "62F190", uds.UnexpectedService, "byte 0: want 59, an answer to service 19, not 62"},
		"another negative":     {codes, "7F2231", uds.UnexpectedService, "byte 1: negative answer to service 22, want one to 19"},
		"cut negative":         {codes, "7F19", uds.TooShort, "byte 2: negative answer ends before its reason"},
		"service 19":           {data, "5902FF", uds.UnexpectedService, "byte 0: want 62, an answer to service 22, not 59"},
		"cut DID":              {data, "6201", uds.TooShort, "byte 2: answer ends before its DID"},
	}
	for name, tt := range tests {
		err := tt.decode(unhex(t, tt.message), uds.Options{})
		var unread *uds.Error
		var refusal *vehicle.Refusal
		if !errors.As(err, &unread) || !errors.As(err, &refusal) || unread.Kind != tt.kind || err.Error() != tt.want {
			t.Errorf("%s: got %v", name, err)
		}
	}
	asked := uds.Options{Request: uds.Request{Subfunction: 0x0A}}
	var unread *uds.Error
	if err := codes(unhex(t, "5902FF"), asked); !errors.As(err, &unread) || unread.Kind != uds.UnexpectedSubfunction {
		t.Errorf("got %v", err)
	}
	var negative *j1979.NegativeError
	if err := codes(unhex(t, "7F1978"), asked); !errors.As(err, &negative) || !negative.Pending() || negative.Service != uds.ReadDTCInformation {
		t.Errorf("got %v", err)
	}
	if err := data(unhex(t, "7F2231"), asked); !errors.As(err, &negative) || negative.Code != 0x31 {
		t.Errorf("got %v", err)
	}
}

func TestParseRequest(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]uds.Request{
		"1902FF":       {Subfunction: 0x02, StatusMask: 0xFF},
		"198208":       {Subfunction: 0x02, StatusMask: 0x08},
		"190A":         {Subfunction: 0x0A},
		"1908E00C":     {Subfunction: 0x08, StatusMask: 0x0C, SeverityMask: 0xE0},
		"194233081E":   {Subfunction: 0x42, StatusMask: 0x08, SeverityMask: 0x1E},
		"195533":       {Subfunction: 0x55},
		"190412345601": {Subfunction: 0x04},
	} {
		if got, ok := uds.ParseRequest(unhex(t, message)); !ok || got != want {
			t.Errorf("%s: got %+v, %v", message, got, ok)
		}
	}
	for _, message := range []string{"", "19", "1902", "190801", "19423308", "2202FF"} {
		if got, ok := uds.ParseRequest(unhex(t, message)); ok {
			t.Errorf("%s: got %+v", message, got)
		}
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[uds.Status]vehicle.CodeStatus{
		0x00: vehicle.CodeHistory, 0x50: vehicle.CodeHistory, 0x20: vehicle.CodeHistory, 0xF2: vehicle.CodeHistory,
		0x01: vehicle.CodePending, 0x04: vehicle.CodePending, 0x27: vehicle.CodePending,
		0x08: vehicle.CodeConfirmed, 0x2F: vehicle.CodeConfirmed,
	} {
		if got := status.Code(); got != want {
			t.Errorf("%02X: got %s, want %s", uint8(status), got, want)
		}
	}
}

func TestSeverity(t *testing.T) {
	t.Parallel()
	for severity, want := range map[uds.Severity][2]string{
		0x00: {"", ""}, 0x20: {"maintenance only", ""}, 0x40: {"check at next halt", ""}, 0xA0: {"check immediately", ""},
		0x01: {"", "none"}, 0x82: {"check immediately", "A"}, 0x44: {"check at next halt", "B1"}, 0x08: {"", "B2"}, 0x10: {"", "C"}, 0x06: {"", ""},
	} {
		if got := [2]string{severity.Text(), severity.Class()}; got != want {
			t.Errorf("%02X: got %q, want %q", uint8(severity), got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		uds.GroupEmissions.String(): "emissions", uds.GroupSafety.String(): "safety", uds.GroupVOBD.String(): "VOBD",
		uds.Group(1).String(): "group 01", uds.FormatJ1939.String(): "SAE J1939-73", uds.FormatWWHOBD.String(): "SAE J2012-DA format 04",
		uds.Format(9).String(): "format 9", uds.Subfunction(0x0A).String(): "supported DTCs", uds.Subfunction(0x7F).String(): "sub-function 7F",
		uds.FailureType(0x62): "signal compare failure", uds.FailureType(0x16): "voltage below threshold", uds.FailureType(0xFE): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
