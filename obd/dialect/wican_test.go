package dialect_test

import "testing"

func TestWiCAN(t *testing.T) {
	t.Parallel()
	const id = "a1b2c3d4e5f6"
	const rx = "wican/" + id + "/can/rx"
	frame := func(frames string) string { return `{"bus":0,"type":"rx","ts":1,"frame":[` + frames + `]}` }
	frames := func(n int) map[string]any { return map[string]any{"frames": n} }
	run(t, "wican", []message{
		{name: "two frames, 29 bits", topic: rx, device: id, details: frames(2),
			payload: frame(`{"id":417001744,"dlc":8,"rtr":false,"extd":true,"data":[4,65,12,26,248,170,170,170]},{"id":2024,"dlc":4,"data":[3,65,13,60,0,0]}`),
			points:  []string{"engine_rpm=1726 rpm", "speed=60 km/h"}, stored: []string{"Powertrain.CombustionEngine.Speed=1726", "Speed=60"}},
		{name: "one bad frame", topic: rx, device: id, details: frames(1),
			payload: frame(`{"id":2024,"dlc":8,"data":[3,65,13,256]},{"id":2024,"dlc":4,"data":[3,65,13,60]}`),
			points:  []string{"speed=60 km/h"}, stored: []string{"Speed=60"}, refusals: []string{"frame[0]@28: data byte 3 is not 0 to 255"}},
		{name: "id of 29 bits without mark", topic: rx, device: id, details: frames(0), payload: frame(`{"id":416993552,"data":[1]}`),
			refusals: []string{"frame[0]@28: id 416993552 does not fit into 11 bits"}},
		{name: "id with fraction", topic: rx, device: id, details: frames(0), payload: frame(`{"id":1.5,"data":[1]}`), refusals: []string{"frame[0]@28: want a decimal id"}},
		{name: "dlc too long", topic: rx, device: id, details: frames(0), payload: frame(`{"id":2024,"dlc":8,"data":[1]}`), refusals: []string{"frame[0]@28: dlc does not fit 1 data bytes"}},
		{name: "remote frame", topic: rx, device: id, details: frames(1), payload: frame(`{"id":2024,"dlc":8,"rtr":true}`)},
		{name: "no frame", topic: rx, device: id, details: frames(0), payload: frame(`7`), refusals: []string{"frame[0]@28: want an object"}},
		{name: "frame of the car", topic: rx, device: id, details: frames(1), payload: frame(`{"id":291,"data":[1]}`), refusals: []string{"frame[0]@-1: id 123 is not an answer of OBD"}},
		{name: "first of many", topic: rx, device: id, details: frames(1), payload: frame(`{"id":2024,"data":[16,20,73,2,1,0,0,0]}`), refusals: []string{"frame[0]@-1: message ends after 6 of 20 bytes"}},
		{name: "single frame cut", topic: rx, device: id, details: frames(1), payload: frame(`{"id":2024,"data":[4,65,12]}`), refusals: []string{"frame[0]@-1: single frame says 4 bytes and has 2"}},
		{name: "no data", topic: rx, device: id, details: frames(1), payload: frame(`{"id":2024,"data":[]}`), refusals: []string{"frame[0]@-1: frame has no data"}},
		{name: "same value twice", topic: rx, device: id, details: frames(2),
			payload: frame(`{"id":2024,"data":[3,65,13,60]},{"id":2025,"data":[3,65,13,61]}`),
			points:  []string{"speed=60 km/h", "speed=61 km/h"}, stored: []string{"Speed=60"}, refusals: []string{"frame[1]@-1: 7E8's value of Vehicle.Speed is kept"}},
		{name: "values", topic: "wican/" + id + "/autopid", device: id,
			payload: `{"SOC":66.7,"ODOMETER":"12345","HV_A":-10,"TYRE_P_FL":32,"CHARGING":"on","X":1,"Y":false,"Z":"warm","V":null}`,
			points:  []string{"charging=true bool", "hv_current=-10 A", "odometer=12345 km", "hv_soc=66.7 %", "tyre_pressure_fl=32 psi", "V=none", "X=1", "Y=false bool", "Z=warm text"},
			stored: []string{
				"Chassis.Axle.Row1.Wheel.Left.Tire.Pressure=220.632233381", "Powertrain.TractionBattery.Charging.IsCharging=true",
				"Powertrain.TractionBattery.CurrentCurrent=10", "Powertrain.TractionBattery.StateOfCharge.Current=66.7", "TraveledDistance=1.2345e+07", "wican.X=1",
			}},
		{name: "one bad value", topic: rx, device: id, payload: `{"SOC":true,"SPEED":{"v":1},"SOH":99,"N":[1],"a\u0000":1}`,
			points: []string{"N=none", "hv_soc=none %", "hv_soh=99 %", "speed=none km/h"}, stored: []string{"Powertrain.TractionBattery.StateOfHealth=99"},
			refusals: []string{"N@37: want one value, got an object or a list", "SOC@1: want a number", "SPEED@12: want one value", "a\x00@-1: name holds a control character"}},
		{name: "group topic", topic: "car/values", device: "car/values", payload: `{"SPEED":1}`, points: []string{"speed=1 km/h"}, stored: []string{"Speed=1"}},
		{name: "status", topic: "wican/" + id + "/status", device: id, payload: `{"status":"offline"}`, online: "false"},
		{name: "bad status", topic: "wican/" + id + "/status", payload: `{"status":"dead"}`, fails: "status@1: want online or offline"},
		{name: "adapter text", topic: "wican/" + id + "/elm327", device: id, payload: "41 0C 1A F8 \r\r>", points: []string{"engine_rpm=1726 rpm"}, stored: []string{"Powertrain.CombustionEngine.Speed=1726"}},
		{name: "adapter without answer", topic: "wican/" + id + "/elm327", device: id, payload: "NO DATA\r\r>"},
		{name: "request of two bytes", topic: "wican/" + id + "/can/tx", device: id, payload: `{"frame":[{"id":2020,"data":[3,34,241,144,0,0,0,0]}]} ; `,
			details: map[string]any{"request": map[string]any{"can_id": "7E4", "service": 34, "pid": "F190"}}},
		{name: "request without parameter", topic: "wican/" + id + "/can/tx", device: id, payload: `{"frame":[{"id":2015,"data":[1,3]}]}`,
			details: map[string]any{"request": map[string]any{"can_id": "7DF", "service": 3}}},
		{name: "request that is none", topic: "wican/" + id + "/can/tx", device: id, payload: `{"frame":`, refusals: []string{"can/tx@9: JSON ends in the middle"}},
		{name: "command", topic: "wican/" + id + "/cmd", device: id, payload: `reboot`},
		{name: "no JSON", topic: rx, payload: `{"SOC":nan}`, fails: "@8: JSON: invalid character"},
		{name: "no object", topic: rx, payload: `[1]`, fails: "@0: want a JSON object"},
	})
}
