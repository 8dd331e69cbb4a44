package uds_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// inPlace fails for a refusal that points behind the message or gives no reason.
func inPlace(t *testing.T, size int, refusals []*vehicle.Refusal) {
	t.Helper()
	for _, r := range refusals {
		if r.Offset < 0 || r.Offset > size || r.Reason == "" {
			t.Errorf("refusal %+v for %d bytes", r, size)
		}
	}
}

// refused reports whether decoding failed, and fails for an error of no known type.
func refused(t *testing.T, err error) bool {
	t.Helper()
	var unread *uds.Error
	var negative *j1979.NegativeError
	if err != nil && !errors.As(err, &unread) && !errors.As(err, &negative) {
		t.Errorf("got an error of type %T", err)
	}
	return err != nil
}

func FuzzDecodeCodes(f *testing.F) {
	for _, seed := range []string{
		"5901FF010002", "5902FF0133112801341124", "590301331101", "5904013311280201F4057B4711AABB", "59050201331128014711AABB",
		"590601331128 01AA", "5908FF200501331128", "590AFF0133110000", "591401331181", "594233FF1E0402 01331108", "595533FF04 01331108", "7F1978",
	} {
		f.Add(unhex(f, seed), byte(0xFF), byte(0))
	}
	kona := uds.Kona()
	f.Fuzz(func(t *testing.T, message []byte, mask, naming byte) {
		codes, refusals, err := uds.DecodeCodes(message, uds.Options{
			Request: uds.Request{StatusMask: uds.Status(mask), SeverityMask: 0xFF},
			Naming:  uds.Naming(naming % 4), Table: kona,
			Lengths: map[uint16]int{0x4711: 2, 0: 0}, Records: map[uint8]int{0: 1, 1: 0},
		})
		if refused(t, err) {
			return
		}
		inPlace(t, len(message), refusals)
		parts := len(codes.Snapshots) + len(codes.Counters)
		for _, d := range codes.DTCs {
			parts += 1 + len(d.Snapshots) + len(d.Extended)
			if d.Code.Namespace() == vehicle.NamespaceUnknown {
				t.Errorf("%q is no code", d.Code)
			}
		}
		if parts+len(refusals) > len(message) {
			t.Errorf("%d parts of %d bytes", parts, len(message))
		}
		if _, err := json.Marshal(codes); err != nil {
			t.Error(err)
		}
		report, ok := codes.Report(time.Time{}, "7E8")
		if ok && (len(report.Covers) == 0 || len(report.Codes) > len(codes.DTCs)) {
			t.Errorf("report %+v", report)
		}
		codes.Enrich(&report)
	})
}

func FuzzDecodeData(f *testing.F) {
	for _, seed := range []string{
		konaBattery, "620105" + konaCharge, "62B002D0000000009B00000000A79E", "62C00BFFFF000000000100004601004F000100AF460100",
		"62F40D3CF40C1AF8", "62F1904B4D484B383143464C5530303030303031", "7F2231", "621234AA",
	} {
		f.Add(unhex(f, seed))
	}
	kona := uds.Kona()
	kona.Cluster = "km"
	f.Fuzz(func(t *testing.T, message []byte) {
		data, refusals, err := uds.DecodeData(message, uds.Options{Table: kona})
		if refused(t, err) {
			return
		}
		inPlace(t, len(message), refusals)
		used := 1
		for _, i := range data.Identifiers {
			used += 2 + len(i.Data)
		}
		if used > len(message) || len(data.Values) > 8*len(message) || len(data.Readings()) > 8*len(message) {
			t.Errorf("%d bytes used of %d: %+v", used, len(message), data)
		}
		if _, err := json.Marshal(data); err != nil {
			t.Error(err)
		}
	})
}

// FuzzParseTable writes what it could read and reads it again.
func FuzzParseTable(f *testing.F) {
	f.Add(uds.Kona().CSV(), []byte{1, 2, 3})
	f.Add([]byte(header+"0101,,2,a,0,8,yes,-1,3,-40,degC,7,,Vehicle.Exterior.AirTemperature,\nF1A0,18DAF110,4,,,,,,,,,,,,\n"), []byte{0xFF})
	f.Add([]byte("# my car\n"+header+"0001,7EC,1,\"a\",7,1,,,,,,,,Vehicle.IsMoving,\n"), []byte{0})
	f.Fuzz(func(t *testing.T, text, payload []byte) {
		table, faults := uds.ParseTable("", text)
		inPlace(t, len(text), faults)
		if (table == nil) != (len(faults) > 0) {
			t.Fatalf("table %v and faults %v", table, faults)
		}
		if table == nil {
			return
		}
		again, faults := uds.ParseTable("", table.CSV())
		if diff := cmp.Diff(table, again); diff != "" || len(faults) > 0 {
			t.Fatalf("%v (-first +again):\n%s", faults, diff)
		}
		for _, d := range table.DIDs {
			message := append([]byte{0x62, byte(d.Number >> 8), byte(d.Number)}, payload...)
			data, _, err := uds.DecodeData(message, uds.Options{ECU: d.ECU, Table: table})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := json.Marshal(data); err != nil {
				t.Error(err)
			}
		}
	})
}
