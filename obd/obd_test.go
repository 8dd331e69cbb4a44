package obd_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestDecodeDocumentedTelemetry(t *testing.T) {
	t.Parallel()
	vin, kind, err := obd.ParseTopic("pitcrew/v1/1HGCM82633A004352/telemetry")
	if err != nil {
		t.Fatal(err)
	}
	payload := `{"boot": "b7", "seq": 1841, "sent": "2026-11-22T10:00:03Z",
 "samples": [{"time": "2026-11-22T09:59:58.120Z",
  "signals": {"Vehicle.Speed": 63.2, "Vehicle.TraveledDistance": 48213400, "Vehicle.LowVoltageBattery.CurrentVoltage": 14.1}}]}`
	report, refused, err := obd.Decode(kind, vin, []byte(payload), time.Date(2026, 11, 22, 10, 0, 4, 0, time.UTC))
	if err != nil || len(refused) > 0 {
		t.Fatal(err, refused)
	}
	if report.Boot != "b7" || report.Seq != 1841 || len(report.Samples) != 1 {
		t.Fatalf("got %+v", report)
	}
	s := report.Samples[0]
	if len(s.Readings) != 3 || s.Readings[0].Signal != vehicle.Speed || s.Readings[0].Value.Num != 63.2 {
		t.Errorf("got %+v", s)
	}
}
