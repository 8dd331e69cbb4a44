package obd_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const vin vehicle.VIN = "1HGCM82633A004352"

var (
	sampled  = time.Date(2026, 11, 22, 9, 59, 58, 0, time.UTC)
	received = time.Date(2026, 11, 22, 10, 0, 4, 0, time.UTC)
)

func TestParseTopic(t *testing.T) {
	t.Parallel()
	for _, kind := range []obd.Kind{obd.Telemetry, obd.DTC, obd.Adapter, obd.Status, obd.GBT32960, obd.J1939} {
		gotVIN, gotKind, err := obd.ParseTopic(obd.Topic(vin, kind))
		if err != nil || gotVIN != vin || gotKind != kind {
			t.Errorf("%s: got %s, %s, %v", kind, gotVIN, gotKind, err)
		}
	}
	for _, topic := range []string{
		"", "pitcrew", "pitcrew/v1", "pitcrew/v1/", "pitcrew/v2/1HGCM82633A004352/telemetry", "/pitcrew/v1/1HGCM82633A004352/telemetry",
		"pitcrew/v1/1HGCM82633A004352", "pitcrew/v1/1HGCM82633A004352/", "pitcrew/v1/1HGCM82633A004352/Telemetry",
		"pitcrew/v1/1HGCM82633A004352/telemetry/x", "pitcrew/v1/1HGCM82633A00435/telemetry", "pitcrew/v1/+/telemetry",
	} {
		var typed *obd.TopicError
		if _, _, err := obd.ParseTopic(topic); !errors.As(err, &typed) || typed.Topic != topic {
			t.Errorf("%q: got %v", topic, err)
		}
	}
	var cause *vehicle.VINError
	if _, _, err := obd.ParseTopic("pitcrew/v1/IHGCM82633A004352/dtc"); !errors.As(err, &cause) || cause.Reason != vehicle.VINForbidden {
		t.Errorf("got %v", err)
	}
}

func TestDecodeStatusAndTelemetry(t *testing.T) {
	t.Parallel()
	report, _, err := obd.Decode(obd.Status, vin, []byte("offline"), received)
	if err != nil || report.VIN != vin || report.Online == nil || *report.Online {
		t.Errorf("got %+v, %v", report, err)
	}
	report, refused, err := obd.Decode(obd.Telemetry, vin, []byte(`{"samples":[{"time":"2026-11-22T09:59:58Z","signals":{"Vehicle.Speed":60,"Vehicle.IsMoving":1}}]}`), received)
	if err != nil || len(report.Samples) != 1 || len(refused) != 1 {
		t.Errorf("got %+v, %q, %v", report, refused, err)
	}
	report, _, err = obd.Decode(obd.DTC, vin, []byte(`{"time":"2026-11-22T09:59:58Z","codes":[]}`), received)
	if err != nil || len(report.Codes) != 1 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestDecodeOfNoKind(t *testing.T) {
	t.Parallel()
	if _, _, err := obd.Decode("mystery", vin, nil, received); err == nil {
		t.Error("want an error for a kind that does not exist")
	}
}

func decodeText(text string) (vehicle.Report, []*vehicle.Refusal, error) {
	return obd.Decode(obd.Adapter, vin, jsonmsg.AppendAdapter(nil, "b7", 1, sampled, text), received)
}

func number(s vehicle.Signal, f float64) vehicle.Reading {
	return vehicle.Reading{Signal: s, Value: vehicle.Number(f)}
}

func TestDecodeAdapterValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		want    []vehicle.Reading
		refused []string // a part of each reason
	}{
		"one value":           {"410D3C\r>", []vehicle.Reading{number(vehicle.Speed, 60)}, nil},
		"several replies":     {"010D\r410D3C\r\r>0105\r41055A\r\r>ATRV\r12.4V\r\r>", []vehicle.Reading{number(vehicle.Speed, 60), number(vehicle.CoolantTemperature, 50), number(vehicle.LowVoltage, 12.4)}, nil},
		"module before port":  {"12.4V\r>41423714\r>", []vehicle.Reading{number(vehicle.LowVoltage, 14.1)}, []string{"the ECU's value of Vehicle.LowVoltageBattery.CurrentVoltage is kept"}},
		"engine is preferred": {"7EA 03 41 05 28\r7E8 03 41 05 5A\r>", []vehicle.Reading{number(vehicle.CoolantTemperature, 50)}, []string{"7E8's value of Vehicle.Powertrain.CombustionEngine.EngineCoolant.Temperature is kept"}},
		"ECUs agree":          {"7EA 03 41 05 5A\r7E8 03 41 05 5A\r>", []vehicle.Reading{number(vehicle.CoolantTemperature, 50)}, nil},
		"lamps and counts":    {"7E8 06 41 01 02 07 FF 00\r7E9 06 41 01 81 07 FF 00\r>", []vehicle.Reading{{Signal: "Vehicle.OBD.Status.IsMILOn", Value: vehicle.Bool(true)}, number("Vehicle.OBD.Status.DTCCount", 3)}, nil},
		"noise around":        {"$%&\r410D3C\r41 05 5A <DATA ERROR\r>", []vehicle.Reading{number(vehicle.Speed, 60)}, []string{"not hexadecimal", "DATA ERROR"}},
		"short answer":        {"41 0C 1A\r41 05 80\r>", []vehicle.Reading{number(vehicle.CoolantTemperature, 88)}, []string{"too short"}},
		"ECU says no":         {"7F 01 12\r410D3C\r>", []vehicle.Reading{number(vehicle.Speed, 60)}, []string{"parameter not supported"}},
		"ECU needs time":      {"7F 01 78\r410D3C\r>", []vehicle.Reading{number(vehicle.Speed, 60)}, nil},
		"another service":     {"7E8035001FF\r7E803410D3C\r>", []vehicle.Reading{number(vehicle.Speed, 60)}, []string{"service 50 is not decoded"}},
		"nobody answered":     {"NO DATA\r>", nil, nil},
		"no text":             {"SEARCHING...\r>", nil, nil},
		"command accepted":    {"ATE0\rOK\r>", nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, refused, err := decodeText(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			want := vehicle.Report{VIN: vin, Boot: "b7", Seq: 1}
			got.Codes = slices.DeleteFunc(got.Codes, func(r vehicle.CodeReport) bool { return r.Readiness != nil }) // see package ecu
			if len(got.Codes) == 0 {
				got.Codes = nil
			}
			if tt.want != nil {
				want.Samples = []vehicle.Sample{{Time: sampled, Readings: tt.want}}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkRefusals(t, refused, tt.refused)
		})
	}
}

func checkRefusals(t *testing.T, refused []*vehicle.Refusal, reasons []string) {
	t.Helper()
	if len(refused) != len(reasons) {
		t.Fatalf("refused %q, want %q", refused, reasons)
	}
	for i, r := range refused {
		if !strings.Contains(r.Reason, reasons[i]) || r.Place == "" {
			t.Errorf("refused %q, want %q", r, reasons[i])
		}
	}
}

func TestDecodeAdapterCodes(t *testing.T) {
	t.Parallel()
	set := func(ecu string, covers []vehicle.CodeStatus, codes ...vehicle.CodeEntry) vehicle.CodeReport {
		return vehicle.CodeReport{Time: sampled, ECU: ecu, Covers: covers, Codes: codes}
	}
	confirmed := []vehicle.CodeStatus{vehicle.CodeConfirmed}
	p0171 := vehicle.CodeEntry{Code: "P0171", Status: vehicle.CodeConfirmed}
	tests := map[string]struct {
		text    string
		want    []vehicle.CodeReport
		refused []string
	}{
		"CAN":                  {"7E8 04 43 01 01 71\r>", []vehicle.CodeReport{set("7E8", confirmed, p0171)}, nil},
		"no codes":             {"7E8 02 43 00\r>", []vehicle.CodeReport{set("7E8", confirmed)}, nil},
		"no data is no answer": {"03\rNO DATA\r>", nil, nil},
		"two ECUs":             {"7E8 04 43 01 01 71\r7E9 02 43 00\r>", []vehicle.CodeReport{set("7E8", confirmed, p0171), set("7E9", confirmed)}, nil},
		"three services": {
			"7E8 04 43 01 01 71\r>7E8 04 47 01 03 00\r>7E8 02 4A 00\r>",
			[]vehicle.CodeReport{set("7E8", []vehicle.CodeStatus{vehicle.CodeConfirmed, vehicle.CodePending, vehicle.CodePermanent},
				p0171, vehicle.CodeEntry{Code: "P0300", Status: vehicle.CodePending})}, nil,
		},
		"four codes on CAN": {
			"7E8 10 0A 43 04 01 08 01 18\r7E8 21 01 19 01 20 00 00 00\r>",
			[]vehicle.CodeReport{set("7E8", confirmed, confirmedCodes("P0108", "P0118", "P0119", "P0120")...)}, nil,
		},
		"pre-CAN in two messages": {
			"48 6B 10 43 01 08 01 18 01 19 AA\r48 6B 10 43 01 20 00 00 00 00 AA\r>",
			[]vehicle.CodeReport{set("10", confirmed, confirmedCodes("P0108", "P0118", "P0119", "P0120")...)}, nil,
		},
		"a line lost of one ECU":    {"7E8 04 43 01 01 71\r7E9 10 08 43 03 01 71 01 74\r>", []vehicle.CodeReport{set("7E8", confirmed, p0171)}, []string{"message ends after"}},
		"less codes than announced": {"7E8 04 43 03 01 71\r7E9 02 43 00\r>", []vehicle.CodeReport{set("7E9", confirmed)}, []string{"3 announced and 1 sent"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, refused, err := decodeText(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Codes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkRefusals(t, refused, tt.refused)
		})
	}
}

func confirmedCodes(codes ...vehicle.Code) []vehicle.CodeEntry {
	var all []vehicle.CodeEntry
	for _, c := range codes {
		all = append(all, vehicle.CodeEntry{Code: c, Status: vehicle.CodeConfirmed})
	}
	return all
}

// TestDecodeAdapterUnusable holds the messages that go to quarantine.
func TestDecodeAdapterUnusable(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"bus error":               "CAN ERROR\r>",
		"only noise":              "%%%%\r>",
		"only a short answer":     "41 0C 1A\r>",
		"codes, a line lost":      "43 01 08 01 18 01 19\r43 01 20 <DATA ERROR\r>",
		"codes of a mixed answer": "008\r008\r0:430301710174\r0:430307000701\r1:0300\r>",
		"ECU refuses":             "7F 03 11\r>",
	} {
		got, _, err := decodeText(text)
		var typed *obd.UnusableError
		if !errors.As(err, &typed) || len(typed.Refusals) == 0 || len(got.Codes) > 0 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestDecodeFrames(t *testing.T) {
	t.Parallel()
	payload := `{"time":"2026-11-22T09:59:58Z","frames":[{"id":"7DF","data":"0201A600000000"},{"id":"7e8","data":"064 1"},
 {"id":"7e8","data":"0641A600184D47AA"},{"id":"7E8","data":"100A430401080118"},{"id":"7E9","data":"0243000000"},
 {"id":"7E0","data":"300000"},{"id":"7E8","data":"2101190120000000"},{"id":"3B4","data":"00"}]}`
	got, refused, err := obd.Decode(obd.Adapter, vin, []byte(payload), received)
	if err != nil {
		t.Fatal(err)
	}
	confirmed := []vehicle.CodeStatus{vehicle.CodeConfirmed}
	want := vehicle.Report{
		VIN:     vin,
		Samples: []vehicle.Sample{{Time: sampled, Readings: []vehicle.Reading{number(vehicle.TraveledDistance, 159264700)}}},
		Codes: []vehicle.CodeReport{
			{Time: sampled, ECU: "7E9", Covers: confirmed},
			{Time: sampled, ECU: "7E8", Covers: confirmed, Codes: confirmedCodes("P0108", "P0118", "P0119", "P0120")},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	checkRefusals(t, refused, []string{`"data" is not`, "3B4 is not an answer"})
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{"7E8 10 0A 43 04 01 08 01 18\r7E8 21 01 19 01 20 00 00 00\r>", "410D3C\r>12.3V\r>", "NO DATA\r>", "41 0C 1A\r",
		"42 0C 00 1A F8\r>42 02 00 01 71\r>43 01 01 71\r>", "49 02 01 31 48 47 43 4D 38 32 36 33 33 41 30 30 34 33 35 32\r>", "44\r>46 01 01 0A 0B B0 0B B0 0B B0\r>",
	} {
		f.Add("obd", jsonmsg.AppendAdapter(nil, "b", 1, sampled, text))
	}
	f.Add("obd", []byte(`{"time":"2026-11-22T09:59:58Z","frames":[{"id":"7e8","data":"0641A600184D47AA"},{"id":"7E8","data":"2101"}]}`))
	f.Add("telemetry", []byte(`{"samples":[{"time":"2026-11-22T09:59:58Z","signals":{"Vehicle.Speed":60}}]}`))
	f.Add("dtc", []byte(`{"time":"2026-11-22T09:59:58Z","codes":[{"code":"P0171","status":"pending"}]}`))
	f.Add("status", []byte("online"))
	f.Add("obd", []byte(`{"time":"2026-11-22T09:59:58Z","frames":[{"id":"7E0","data":"031902FF"},{"id":"7E8","data":"075902FF01711108"}]}`))
	f.Add("j1939", []byte(`{"time":"2026-11-22T09:59:58Z","frames":[{"id":"18FECA00","data":"00FF61021300FFFF"},{"id":"18FEC1EE","data":"80140600"}]}`))
	f.Add("gbt32960", []byte("##\x07\xFE1HGCM82633A004352\x01\x00\x00\xBB"))
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		report, refused, err := obd.Decode(obd.Kind(kind), vin, payload, received)
		if err != nil {
			return
		}
		if report.VIN != vin || len(refused) > jsonmsg.MaxRefusals+2 {
			t.Fatalf("%+v, %d refusals", report, len(refused))
		}
		for _, s := range report.Samples {
			if s.Time.Year() < 2000 || s.Time.Sub(received) >= vehicle.MaxClockLead || len(s.Readings) == 0 {
				t.Fatalf("%+v", s)
			}
			for _, r := range s.Readings {
				if _, ok := r.Value.Float(); !ok && r.Value.Kind != vehicle.KindText {
					t.Fatalf("%+v", r)
				}
			}
		}
		for _, c := range report.Codes {
			for _, e := range c.Codes {
				if _, err := vehicle.ParseCode(string(e.Code)); err != nil {
					t.Fatal(err)
				}
				if len(e.FreezeFrame) > len(payload) {
					t.Fatalf("%+v", e)
				}
			}
		}
	})
}

func FuzzParseTopic(f *testing.F) {
	f.Add("pitcrew/v1/1HGCM82633A004352/telemetry")
	f.Add("pitcrew/v1//")
	f.Fuzz(func(t *testing.T, topic string) {
		vin, kind, err := obd.ParseTopic(topic)
		if err != nil {
			return
		}
		if again, same, err := obd.ParseTopic(obd.Topic(vin, kind)); err != nil || again != vin || same != kind {
			t.Fatalf("%q: %v", topic, err)
		}
	})
}

func ExampleDecode() {
	vin, kind, err := obd.ParseTopic("pitcrew/v1/1HGCM82633A004352/obd")
	if err != nil {
		fmt.Println(err)
		return
	}
	payload := []byte(`{"time": "2026-11-22T09:59:58Z", "elm327": "7E8 03 41 0D 3C\r>7E8 04 43 01 01 71\r>41 0C 1A\r>"}`)
	report, refused, err := obd.Decode(kind, vin, payload, time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range report.Samples[0].Readings {
		fmt.Println(r.Signal, r.Value)
	}
	for _, c := range report.Codes {
		fmt.Println(c.ECU, c.Covers, c.Codes[0].Code)
	}
	for _, r := range refused {
		fmt.Println(r)
	}
	// Output:
	// Vehicle.Speed 60
	// 7E8 [confirmed] P0171
	// elm327, byte 37: PID 0C with 1 of 2 bytes: answer is too short
}
