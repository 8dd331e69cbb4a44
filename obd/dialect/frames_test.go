package dialect_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/obd/jtt808"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// gbtFrame is a frame of real-time data with a speed and an alarm.
func gbtFrame(name string, speed float64) []byte {
	f := gbt32960.Frame{
		Command: gbt32960.CommandRealTime, Response: gbt32960.IsCommand, Encryption: gbt32960.Unencrypted,
		Time:  received.Add(-time.Minute),
		Units: []gbt32960.Unit{&gbt32960.Engine{State: 3, Speed: gbt32960.Number{Value: speed}}, &gbt32960.Alarm{MaxLevel: 1, Flags: 4}},
	}
	f.SetVIN(vehicle.VIN(name))
	return must(gbt32960.AppendFrame(nil, &f))
}

func jttFrame(phone string) []byte {
	body := must(jtt808.AppendLocation(nil, jtt808.Location{Time: received.Add(-time.Minute), Items: []jtt808.Item{{ID: 1, Value: []byte{0, 1, 0, 0}}}}))
	return must(jtt808.AppendFrame(nil, jtt808.Header{ID: jtt808.LocationReport, Phone: phone}, body))
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestGBT32960(t *testing.T) {
	t.Parallel()
	const vin, other, topic = "LSVAA4182E2184847", "LSVAA4182E2184848", "gbt32960/gateway-7/frames"
	one, two := string(gbtFrame(vin, 800)), string(gbtFrame(vin, 900))
	stored := []string{"Powertrain.CombustionEngine.Speed=800", "Powertrain.FuelSystem.InstantConsumption=0"}
	damaged := []byte(one)
	damaged[30] ^= 1
	platform := string(gbtFrame("PLATFORM 1", 1))
	run(t, "gbt32960", []message{
		{name: "one frame", topic: topic, payload: one, device: vin, stored: stored, codes: []string{"GBT-A02 20"}},
		{name: "topic of another vehicle", topic: "x/" + other, payload: one, fails: `frames[0].vin@4: frame of "` + vin + `" in a message of another vehicle`},
		{name: "topic of the second", topic: "gbt32960/" + vin + "/frames", payload: string(gbtFrame(other, 900)) + one, device: vin, stored: stored, codes: []string{"GBT-A02 20"},
			refusals: []string{`frames[0].vin@4: frame of "` + other + `"`}},
		{name: "any topic", topic: "x/y", payload: one, device: vin, stored: stored, codes: []string{"GBT-A02 20"}},
		{name: "small letters", topic: topic, payload: string(gbtFrame("lsvaa4182e2184847", 800)), device: vin, stored: stored, codes: []string{"GBT-A02 20"}},
		{name: "two frames", topic: topic, payload: one + two, device: vin, codes: []string{"GBT-A02 20", "GBT-A02 20"}, stored: []string{
			"Powertrain.CombustionEngine.Speed=800", "Powertrain.CombustionEngine.Speed=900",
			"Powertrain.FuelSystem.InstantConsumption=0", "Powertrain.FuelSystem.InstantConsumption=0",
		}},
		{name: "two vehicles", topic: topic, payload: one + string(gbtFrame(other, 900)), device: vin, stored: stored, codes: []string{"GBT-A02 20"},
			refusals: []string{`frames[1].vin@51: frame of "` + other + `"`}},
		{name: "platform before the vehicle", topic: topic, payload: platform + one, device: vin, stored: stored, codes: []string{"GBT-A02 20"},
			refusals: []string{`frames[0].vin@4: frame of "PLATFORM 1"`}},
		{name: "no VIN", topic: topic, payload: string(gbtFrame("BUS 7", 800)), device: "BUS 7", stored: stored, codes: []string{"GBT-A02 20"}},
		{name: "no text", topic: topic, payload: string(gbtFrame("BUS \xff", 800)), device: "BUS ?", stored: stored, codes: []string{"GBT-A02 20"}},
		{name: "damaged frame before another", topic: topic, payload: string(damaged) + one, device: vin, stored: stored, codes: []string{"GBT-A02 20"},
			refusals: []string{"check@46: wrong checksum"}},
		{name: "damaged", topic: topic, payload: string(damaged), fails: "check@46: wrong checksum"},
		{name: "no frame", topic: topic, payload: "hello", fails: "@0: unknown start bytes"},
		{name: "nothing", topic: topic, fails: "@0: payload is empty"},
	})
}

func TestJTT808(t *testing.T) {
	t.Parallel()
	const phone, topic = "013812345678", "jtt808/gateway-7"
	frame := string(jttFrame(phone))
	stored := []string{"LowVoltageSystemState=OFF", "TraveledDistance=6.5536e+06"}
	damaged := []byte(frame)
	damaged[20] ^= 1
	heartbeat := string(must(jtt808.AppendFrame(nil, jtt808.Header{ID: jtt808.Heartbeat, Phone: phone}, nil)))
	run(t, "jtt808", []message{
		{name: "location", topic: topic, payload: frame, device: phone, stored: stored},
		{name: "any topic", topic: "x", payload: frame, device: phone, stored: stored},
		{name: "heartbeat", topic: topic, payload: heartbeat, device: phone},
		{name: "two terminals", topic: topic, payload: frame + string(jttFrame("013812345679")), device: phone, stored: stored,
			refusals: []string{"@49: frame of another terminal, 013812345679"}},
		{name: "damaged", topic: topic, payload: string(damaged), fails: "frames[0]@"},
		{name: "no frame", topic: topic, payload: "hello", fails: "@0: no frame in 5 bytes"},
	})
}
