package jtt808_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/jtt808"
)

func TestLocationRoundTrip(t *testing.T) {
	t.Parallel()
	second := time.Date(2099, 12, 31, 23, 59, 59, 0, jtt808.Zone).Unix()
	first := time.Date(2000, 1, 1, 0, 0, 0, 0, jtt808.Zone).Unix()
	rapid.Check(t, func(t *rapid.T) {
		want := jtt808.Location{
			Alarm:     rapid.Uint32().Draw(t, "alarm"),
			Status:    rapid.Uint32().Draw(t, "status") &^ (jtt808.StatusSouth | jtt808.StatusWest),
			Latitude:  float64(rapid.Int32Range(-90e6, 90e6).Draw(t, "latitude")) / 1e6,
			Longitude: float64(rapid.Int32Range(-180e6, 180e6).Draw(t, "longitude")) / 1e6,
			Altitude:  rapid.Uint16().Draw(t, "altitude"),
			Speed:     float64(rapid.Uint16().Draw(t, "speed")) / 10,
			Heading:   rapid.Uint16().Draw(t, "heading"),
			Time:      time.Unix(rapid.Int64Range(first, second).Draw(t, "time"), 0).In(jtt808.Zone),
		}
		for range rapid.IntRange(0, 5).Draw(t, "items") {
			// Vendor items: those of the standard have their lengths.
			want.Items = append(want.Items, jtt808.Item{
				ID: rapid.ByteRange(0x40, 0xFF).Draw(t, "id"), Value: rapid.SliceOfN(rapid.Byte(), 0, 255).Draw(t, "value"),
			})
		}
		b, err := jtt808.AppendLocation(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		got, refusals := jtt808.DecodeLocation(b)
		if len(refusals) > 0 {
			t.Fatal(refusals[0])
		}
		if want.Latitude < 0 {
			want.Status |= jtt808.StatusSouth
		}
		if want.Longitude < 0 {
			want.Status |= jtt808.StatusWest
		}
		want.Stamp = got.Stamp // as sent
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		again, err := jtt808.AppendLocation(nil, got)
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%X became %X, %v", b, again, err)
		}
	})
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for stamp, want := range map[string]string{
		"261122180005": "2026-11-22T18:00:05+08:00",
		"240229235959": "2024-02-29T23:59:59+08:00",
		"000101000000": "2000-01-01T00:00:00+08:00",
		"000000000000": "", // a terminal without a clock
		"250229000000": "", // no leap year
		"261322180005": "", "260022180005": "", "261132180005": "", "261100180005": "",
		"261122240005": "", "261122186005": "", "261122180060": "", "26112218000A": "", "FFFFFFFFFFFF": "",
	} {
		l := somewhere()
		l.Time = time.Time{}
		l.Stamp = [6]byte(unhex(t, stamp))
		got, refusals := jtt808.DecodeLocation(locationBody(t, l))
		if want == "" {
			if !got.Time.IsZero() || len(refusals) != 1 || refusals[0].Offset != 22 || refusals[0].Reason != stamp+" is no time" {
				t.Errorf("%s: got %v, %v", stamp, got.Time, refusals)
			}
			continue
		}
		if text := got.Time.Format(time.RFC3339); text != want || len(refusals) > 0 {
			t.Errorf("%s: got %s, %v", stamp, text, refusals)
		}
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		items  string
		want   string // extras and items, printed
		offset int
		reason string
	}{
		"none":           {"", `{} []`, 0, ""},
		"all known":      {"01040000A900 02020190 03020278 30011B 310103", `{"fuel_l":40,"odometer_km":4326.4,"recorder_speed_kmh":63.2,"satellites":3,"signal_strength":27} ["01:0000A900","02:0190","03:0278","30:1B","31:03"]`, 0, ""},
		"vendor":         {"EB020102 A000", `{} ["EB:0102","A0:"]`, 0, ""},
		"the last":       {"010400000001 010400000002", `{"odometer_km":0.2} ["01:00000001","01:00000002"]`, 0, ""},
		"wrong length":   {"30011B 01020001", `{"signal_strength":27} ["30:1B","01:0001"]`, 31, "item 01 has 2 bytes, want 4"},
		"cut value":      {"30011B 0104000000", `{"signal_strength":27,"truncated_item":"01"} ["30:1B"]`, 31, "item 01 is longer than the 5 bytes that are left"},
		"cut length":     {"30011B EB", `{"signal_strength":27,"truncated_item":"EB"} ["30:1B"]`, 31, "item EB is longer than the 1 bytes that are left"},
		"zeros, then 78": {"0000 0000 0078 0000", `{"truncated_item":"00"} ["00:","00:"]`, 32, "item 00 is longer than the 4 bytes that are left"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := somewhere()
			l.Items = nil
			b := append(locationBody(t, l), unhex(t, tt.items)...)
			got, refusals := jtt808.DecodeLocation(b)
			text, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var printed struct{ Extras, Items json.RawMessage }
			if err := json.Unmarshal(text, &printed); err != nil {
				t.Fatal(err)
			}
			if s := string(printed.Extras) + " " + string(printed.Items); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
			switch {
			case tt.reason == "" && len(refusals) > 0:
				t.Error(refusals[0])
			case tt.reason != "" && (len(refusals) != 1 || refusals[0].Offset != tt.offset || refusals[0].Reason != tt.reason):
				t.Errorf("got %v", refusals)
			}
			if again := locationBody(t, got); !bytes.Equal(b, again) {
				t.Errorf("%X became %X", b, again)
			}
		})
	}
}
