package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// The cars of the worked examples in docs/devices.md.
const (
	ovmsCar  = "LJCPCBLCX14500264"
	wicanCar = "WP0ZZZ99ZTS392124"
	gbtCar   = "LSJE36096MS140495"
	truck    = "3HAMKSTN0FL575012"
)

func publish(t *testing.T, r *running, user, password string, messages ...[2]string) {
	t.Helper()
	client, err := connect(t.Context(), r.broker, "feeds-test-"+user, user, password)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(250)
	for _, m := range messages {
		if err := acknowledged(t.Context(), client.Publish(m[0], 1, false, m[1])); err != nil {
			t.Fatalf("publish on %s: %v", m[0], err)
		}
	}
}

// frameOf is a real-time frame of GB/T 32960.3-2016 of now with the engine's speed,
// its check byte worked out.
func frameOf(t *testing.T, vin string, at time.Time) string {
	t.Helper()
	at = at.In(time.FixedZone("GMT+8", 8*3600))
	unit := []byte{byte(at.Year() - 2000), byte(at.Month()), byte(at.Day()), byte(at.Hour()), byte(at.Minute()), byte(at.Second()), 0x04, 1, 0x04, 0xB0, 0, 0}
	frame := append([]byte("##\x02\xFE"+vin+"\x01\x00"), byte(len(unit)))
	frame = append(frame, unit...)
	check := byte(0)
	for _, b := range frame[2:] {
		check ^= b
	}
	return string(append(frame, check))
}

func TestCarsSpeakManyDialects(t *testing.T) {
	t.Parallel()
	r := startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-anonymous",
		"--feed", "ovms3=fleet/ovms/#", "--feed", "wican",
		"--device", "ovms3/alice/CAR1="+ovmsCar, "--device", "wican/a1b2c3d4e5f6="+wicanCar)
	now := time.Now().UTC().Truncate(time.Second)
	frames := func(f ...string) string {
		return fmt.Sprintf(`{"time":%q,"frames":[%s]}`, now.Format(time.RFC3339), strings.Join(f, ","))
	}
	publish(t, r, "", "",
		[2]string{"fleet/ovms/alice/CAR1/metric/v/p/odometer", "61570.5"},
		[2]string{"wican/a1b2c3d4e5f6/can/rx", `{"bus":"0","type":"rx","ts":100,"frame":[{"id":2024,"dlc":8,"rtr":false,"extd":false,"data":[4,65,12,18,52,170,170,170]}]}`},
		[2]string{"wican/ffffffffffff/can/rx", `{"SOC": 66.7}`},
		[2]string{"pitcrew/v1/" + gbtCar + "/gbt32960", frameOf(t, gbtCar, now)},
		[2]string{"pitcrew/v1/" + truck + "/j1939", frames(`{"id":"18FEC1EE","data":"80140600FFFFFFFF"}`, `{"id":"18FECA00","data":"04FF61021300FFFF"}`)},
	)
	for _, want := range []struct {
		vin, signal string
		value       float64
	}{
		{ovmsCar, "Vehicle.TraveledDistance", 61570500},
		{wicanCar, "Vehicle.Powertrain.CombustionEngine.Speed", 1165},
		{gbtCar, "Vehicle.Powertrain.CombustionEngine.Speed", 1200},
		{truck, "Vehicle.TraveledDistance", 1992320},
	} {
		var series struct{ Points []struct{ Last float64 } }
		if err := r.get("/v1/vehicles/"+want.vin+"/series?signal="+url.QueryEscape(want.signal), &series); err != nil {
			t.Errorf("%s: %v", want.vin, err)
		} else if len(series.Points) != 1 || math.Abs(series.Points[0].Last-want.value) > 1e-6 {
			t.Errorf("%s %s: got %+v, want %v", want.vin, want.signal, series.Points, want.value)
		}
	}
	within(t, 30*time.Second, "the truck's code", func() (bool, string) {
		var car struct {
			Codes []struct{ Code, Status string }
		}
		err := r.get("/v1/vehicles/"+truck, &car)
		return len(car.Codes) == 1 && car.Codes[0].Code == "SPN609-FMI19", fmt.Sprint(car, err)
	})
	if refused := r.quarantined(t); len(refused) != 1 || !strings.Contains(refused[0], "set device wican/ffffffffffff=VIN") {
		t.Errorf("in quarantine: %q, want the device without a vehicle", refused)
	}
}

// A client that logged in as one car is believed about that car only, on the topics
// of feeds, too.
func TestNobodySpeaksForAnotherCar(t *testing.T) {
	t.Parallel()
	r := startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-user", wicanCar+"=secret", "--feed", "wican",
		"--device", "wican/a1b2c3d4e5f6="+wicanCar, "--device", "wican/0123456789ab="+ovmsCar)
	publish(t, r, wicanCar, "secret",
		[2]string{"wican/a1b2c3d4e5f6/can/rx", `{"SOC": 66.7}`}, [2]string{"wican/0123456789ab/can/rx", `{"SOC": 12}`})
	if refused := r.quarantined(t); len(refused) != 1 || !strings.Contains(refused[0], wicanCar+" sent a message about "+ovmsCar) {
		t.Errorf("in quarantine: %q", refused)
	}
	var series struct{ Points []struct{ Last float64 } }
	signal := url.QueryEscape("Vehicle.Powertrain.TractionBattery.StateOfCharge.Current")
	if err := r.get("/v1/vehicles/"+wicanCar+"/series?signal="+signal, &series); err != nil || len(series.Points) != 1 {
		t.Errorf("its own car: %+v, %v", series, err)
	}
	if err := r.get("/v1/vehicles/"+ovmsCar, nil); err == nil {
		t.Error("the other car is known now")
	}
}

// quarantined lists the reasons in quarantine.
func (r *running) quarantined(t *testing.T) []string {
	t.Helper()
	var q struct {
		Messages []struct{ Reason, Payload string }
	}
	if err := r.get("/v1/quarantine", &q); err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, m := range q.Messages {
		if b, err := base64.StdEncoding.DecodeString(m.Payload); err != nil || len(b) == 0 {
			t.Errorf("payload %s in quarantine: %v", hex.EncodeToString(b), err)
		}
		reasons = append(reasons, m.Reason)
	}
	slices.Sort(reasons)
	return reasons
}
