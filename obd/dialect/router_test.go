package dialect

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestFiltersMatchAsInMQTT(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		filter, topic string
		want          bool
	}{
		{"wican/+/status", "wican/a1/status", true},
		{"wican/+/status", "wican/a1/can/status", false},
		{"wican/+/#", "wican/a1/can/rx", true},
		{"wican/#", "wican", true},
		{"wican/+", "wican", false},
		{"wican/+", "wican/", true},
		{"+/+", "/a", true},
		{"#", "a/b", true},
		{"#", "$SYS/broker", false},
		{"+/broker", "$SYS/broker", false},
		{"$SYS/#", "$SYS/broker", true},
		{"a/b", "a/b/c", false},
		{"a/b", "a", false},
	} {
		if got := matches(tc.filter, tc.topic); got != tc.want {
			t.Errorf("%s on %s: got %v", tc.filter, tc.topic, got)
		}
	}
	for _, bad := range []string{"a/#/b", "a#", "a/b+", "+a/b", "a/x{device}", "{device}/{device}"} {
		if _, err := NewRouter([]Feed{{"teslamate", bad}}, nil); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}

func TestVehicleOfADevice(t *testing.T) {
	t.Parallel()
	const vin, other = "LJCPCBLCX14500264", "WP0ZZZ99ZTS392124"
	r := &Router{vehicles: map[device]vehicle.VIN{{"x", "alice/CAR1"}: vin}}
	for _, tc := range []struct {
		name   string
		result Result
		want   vehicle.VIN
		reason string
	}{
		{"bound", Result{Device: "alice/CAR1"}, vin, ""},
		{"names its vehicle", Result{Device: "7", VIN: other}, other, ""},
		{"both agree", Result{Device: "alice/CAR1", VIN: vin}, vin, ""},
		{"they differ", Result{Device: "alice/CAR1", VIN: other}, "", "is bound to " + vin},
		{"is called by its VIN", Result{Device: "alice/" + other}, other, ""},
		{"is called by another VIN", Result{Device: "alice/" + other, VIN: vin}, "", "the message names " + vin + ", and its device " + other},
		{"is called by the same VIN", Result{Device: other, VIN: other}, other, ""},
		{"unknown", Result{Device: "bob/CAR2"}, "", "set device x/bob/CAR2=VIN"},
		{"nothing", Result{}, "", "neither a vehicle nor a device"},
	} {
		got, err := r.vehicleOf("x", tc.result)
		var refusal *vehicle.Refusal
		if got != tc.want || (err == nil) != (tc.reason == "") || err != nil && (!errors.As(err, &refusal) || !strings.Contains(refusal.Reason, tc.reason)) {
			t.Errorf("%s: got %q, %v; want %q, %q", tc.name, got, err, tc.want, tc.reason)
		}
	}
}

// The operator can say which level of a topic names the device.
func TestDeviceInTheTopic(t *testing.T) {
	t.Parallel()
	const vin = "LJCPCBLCX14500264"
	r, err := NewRouter([]Feed{ParseFeed("autopi=fleet/{device}/#")}, map[string]string{"autopi/unit7": vin})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Filters(); len(got) != 1 || got[0] != "fleet/+/#" {
		t.Errorf("filters are %v", got)
	}
	payload := []byte(`{"_stamp": "2024-05-01T12:00:00.000000", "value": 1726}`)
	report, _, err := r.Decode("fleet/unit7/obd/rpm", payload, time.Date(2024, 5, 1, 12, 0, 1, 0, time.UTC))
	if err != nil || report.VIN != vin || len(report.Samples) != 1 {
		t.Errorf("got %+v, %v", report, err)
	}
}

// A message is not stored under the vehicle of a topic that it contradicts.
func TestTopicOfAnotherVehicle(t *testing.T) {
	t.Parallel()
	r, err := NewRouter([]Feed{ParseFeed("traccar=t/{device}/p")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload := []byte(`{"position":{"deviceTime":"2024-05-01T12:00:00Z","attributes":{"rpm":800,"vin":"LSJE36096MS140495"}}}`)
	now := time.Date(2024, 5, 1, 12, 0, 1, 0, time.UTC)
	if _, _, err := r.Decode("t/WVWZZZ1KZAW123456/p", payload, now); err == nil || !strings.Contains(err.Error(), "the message names LSJE36096MS140495, and its device WVWZZZ1KZAW123456") {
		t.Errorf("got %v", err)
	}
	if report, _, err := r.Decode("t/LSJE36096MS140495/p", payload, now); err != nil || report.VIN != "LSJE36096MS140495" {
		t.Errorf("got %+v, %v", report, err)
	}
}

// A time that is a day ahead is refused, to the second.
func TestADayAhead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		at   time.Time
		want bool
	}{
		{now.Add(vehicle.MaxClockLead - time.Second), true},
		{now.Add(vehicle.MaxClockLead), false},
		{time.Date(2000, 1, 1, 7, 59, 59, 0, gmt8), false},
		{time.Date(2000, 1, 1, 8, 0, 0, 0, gmt8), true},
	} {
		if reason := vehicle.Impossible(tc.at, now); (reason == "") != tc.want {
			t.Errorf("%s: %q", tc.at, reason)
		}
	}
}

func TestRouterRefusesWhatItCannotKnow(t *testing.T) {
	t.Parallel()
	if _, err := NewRouter([]Feed{ParseFeed("nobody")}, nil); err == nil || !strings.Contains(err.Error(), "no such dialect") {
		t.Errorf("got %v, want the dialects listed", err)
	}
	if _, err := NewRouter(nil, map[string]string{"nobody/1": "LJCPCBLCX14500264"}); err == nil {
		t.Error("want an error for a device of no dialect")
	}
	if _, err := NewRouter([]Feed{ParseFeed("wican")}, map[string]string{"ovms3/a/b": "LJCPCBLCX14500264"}); err == nil || !strings.Contains(err.Error(), "no feed reads ovms3") {
		t.Errorf("got %v, want an error for a device of a dialect that no feed reads", err)
	}
	r, err := NewRouter(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var refusal *vehicle.Refusal
	if _, _, err := r.Decode("a/b", nil, time.Time{}); !errors.As(err, &refusal) {
		t.Errorf("got %v, want a refusal of a topic of no feed", err)
	}
}
