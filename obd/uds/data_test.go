package uds_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// konaCharge is the data of DID 0105: state of health 99.1 %, displayed charge 51 %.
const konaCharge = "0000000000000000000000000000000000000000000000000003DF00000000660000000000000000000000"

const pack = "Vehicle.Powertrain.TractionBattery."

// konaBattery is an answer with DID 0101 of a car that drives; its numbers are ours.
var konaBattery = "62 0101 FFFFFFFF 5D 00000000 00 FCBA 0E0D 16 FB 00000000000000 B7 07 B6 38 0000 93 00002525 00002565 00000D3B 00000CEF 001AB358 00000000000000 0BB8"

func TestReadings(t *testing.T) {
	t.Parallel()
	km, miles, feet := uds.Kona(), uds.Kona(), uds.Kona()
	km.Cluster, miles.Cluster, feet.Cluster = "km", "mi", "ft"
	wheel := func(row, side string) vehicle.Signal {
		return vehicle.Signal("Vehicle.Chassis.Axle." + row + ".Wheel." + side + ".Tire.")
	}
	number := func(s vehicle.Signal, v float64) vehicle.Reading {
		return vehicle.Reading{Signal: s, Value: vehicle.Number(v)}
	}
	tests := map[string]struct {
		message string
		table   *uds.Table
		want    []vehicle.Reading
	}{
		"battery": {konaBattery, uds.Kona(), []vehicle.Reading{
			number(vehicle.TractionSoC, 46.5),
			{Signal: pack + "Charging.IsCharging", Value: vehicle.Bool(false)},
			number(pack+"CurrentCurrent", 83.8), // the car says -83.8: it brakes
			number(pack+"CurrentVoltage", 359.7),
			number(pack+"Temperature.Max", 22), number(pack+"Temperature.Min", -5),
			number(pack+"CellVoltage.Max", 3.66), number(pack+"CellVoltage.IdMax", 7),
			number(pack+"CellVoltage.Min", 3.64), number(pack+"CellVoltage.IdMin", 56),
			number(vehicle.LowVoltage, 14.7),
			number(pack+"AccumulatedChargedThroughput", 950.9), number(pack+"AccumulatedConsumedThroughput", 957.3),
			number(pack+"AccumulatedChargedEnergy", 338.7), number(pack+"AccumulatedConsumedEnergy", 331.1),
			number(pack+"OperatingTime", 1749848), number(pack+"InsulationResistance", 3000),
		}},
		"charge": {"620105" + konaCharge, uds.Kona(), []vehicle.Reading{number(vehicle.TractionSoH, 99.1), number(pack+"StateOfCharge.Displayed", 51)}},
		"out of range": {"620105" + konaCharge[:62] + "FF" + konaCharge[64:], uds.Kona(), []vehicle.Reading{number(vehicle.TractionSoH, 99.1),
			{Signal: pack + "StateOfCharge.Displayed", Value: vehicle.Number(127.5), Quality: vehicle.QualityOutOfRange}}},
		// Front left has no reading; front right is flat; rear left is at -50 degrees.
		"tyres": {"62C00B FFFF0000 00000100 00460100 AF000100 AF460100", uds.Kona(), []vehicle.Reading{
			number(wheel("Row1", "Right")+"Pressure", 0), number(wheel("Row1", "Right")+"Temperature", 20),
			number(wheel("Row2", "Left")+"Pressure", 35*6.894757293168), number(wheel("Row2", "Left")+"Temperature", -50),
			number(wheel("Row2", "Right")+"Pressure", 35*6.894757293168), number(wheel("Row2", "Right")+"Temperature", 20),
		}},
		"odometer":                         {"62B002 D000000000 9B 000000 00A79E", uds.Kona(), nil},
		"odometer in kilometres":           {"62B002 D000000000 9B 000000 00A79E", km, []vehicle.Reading{number(vehicle.TraveledDistance, 42910000)}},
		"odometer in miles":                {"62B002 D000000000 9B 00A79E 000000", miles, []vehicle.Reading{number(vehicle.TraveledDistance, 42910*1609.344)}},
		"odometer in feet":                 {"62B002 D000000000 9B 00A79E 000000", feet, nil},
		"two odometers":                    {"62B002 D000000000 9B 00A79E 000001", km, nil},
		"PID":                              {"62F40D 3C", nil, []vehicle.Reading{number(vehicle.Speed, 60)}},
		"PID behind a DID of known length": {"624711 AABB F40D 3C", nil, []vehicle.Reading{number(vehicle.Speed, 60)}},
		"several PIDs":                     {"62F40D 3C F40C 1AF8", nil, []vehicle.Reading{number(vehicle.Speed, 60), number(vehicle.EngineSpeed, 1726)}},
		"PID and table, padded":            {"62F405 7B 0105" + konaCharge + "0000", uds.Kona(), []vehicle.Reading{number(vehicle.CoolantTemperature, 83), number(vehicle.TractionSoH, 99.1), number(pack+"StateOfCharge.Displayed", 51)}},
		"odometer PID":                     {"62F4A6 00184D47", nil, []vehicle.Reading{number(vehicle.TraveledDistance, 159264700)}},
		"VIN":                              {"62F190 4B4D48 4B3831 43464C 55 30 303030303031", nil, []vehicle.Reading{{Signal: "Vehicle.VehicleIdentification.VIN", Value: vehicle.Text("KMHK81CFLU0000001")}}},
		"InfoType 02, and a PID":           {"62F802 4B4D48 4B3831 43464C 55 30 303030303031 F40D 3C", nil, []vehicle.Reading{{Signal: "Vehicle.VehicleIdentification.VIN", Value: vehicle.Text("KMHK81CFLU0000001")}, number(vehicle.Speed, 60)}},
		"a table goes before a PID":        {"62F40D 3C", &uds.Table{DIDs: []uds.DID{{Number: 0xF40D, Bytes: 1}}}, nil},
		"current of 0": {"620001 00", &uds.Table{DIDs: []uds.DID{{Number: 1, Bytes: 1, Signals: []uds.Signal{{Bits: 8, VSS: pack + "CurrentCurrent", Scale: -1}}}}},
			[]vehicle.Reading{number(pack+"CurrentCurrent", 0)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, refusals, err := uds.DecodeData(unhex(t, tt.message), uds.Options{Table: tt.table, Lengths: map[uint16]int{0x4711: 2}})
			if err != nil || len(refusals) > 0 {
				t.Fatal(err, refusals)
			}
			if diff := cmp.Diff(tt.want, data.Readings(), cmpopts.EquateApprox(0, 1e-9), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDataJSON(t *testing.T) {
	t.Parallel()
	data, _, err := uds.DecodeData(unhex(t, "62F400 BE1FA813 F420 80000000 F190 4B4D48 4B3831 43464C 55 30 303030303031"), uds.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"payload_length": 32, "values": {"supported_bitmap": 3189745683, "vin": "KMHK81CFLU0000001"}, "identifiers": [
		{"did": "F400", "data": "BE1FA813"}, {"did": "F420", "data": "80000000"}, {"did": "F190", "data": "4B4D484B383143464C5530303030303031"}]}`
	if diff := diffJSON(t, want, data); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeDataKeepsWhatIsSound(t *testing.T) {
	t.Parallel()
	twoECUs := &uds.Table{DIDs: []uds.DID{
		{Number: 1, ECU: "7E8", Bytes: 1, Signals: []uds.Signal{{Name: "a", Bits: 8}}},
		{Number: 1, ECU: "7E9", Bytes: 2, Signals: []uds.Signal{{Name: "b", Bits: 16}}},
	}}
	tests := map[string]struct {
		message string
		options uds.Options
		values  int
		want    vehicle.Refusal
	}{
		"unknown DID":        {"621234 AABB", uds.Options{Table: uds.Kona()}, 0, vehicle.Refusal{Offset: 1, Place: "DID 1234", Reason: "DID is not in the table: its data cannot be read"}},
		"unknown PID":        {"62F4FF AABB", uds.Options{}, 0, vehicle.Refusal{Offset: 1, Place: "DID F4FF", Reason: "DID is not in the table: its data cannot be read"}},
		"another ECU":        {"620105" + konaCharge, uds.Options{Table: uds.Kona(), ECU: "7E8"}, 0, vehicle.Refusal{Offset: 1, Place: "DID 0105", Reason: "DID is not in the table: its data cannot be read"}},
		"ECU not said":       {"620001 AA", uds.Options{Table: twoECUs}, 0, vehicle.Refusal{Offset: 1, Place: "DID 0001", Reason: "DID is not in the table: its data cannot be read"}},
		"second ECU, cut":    {"620001 AA", uds.Options{Table: twoECUs, ECU: "7e9"}, 0, vehicle.Refusal{Offset: 1, Place: "DID 0001", Reason: "data have 1 of 2 bytes"}},
		"cut":                {"620105" + konaCharge[:60], uds.Options{Table: uds.Kona()}, 1, vehicle.Refusal{Offset: 1, Place: "DID 0105", Reason: "data have 30 of 43 bytes"}},
		"longer":             {"620105" + konaCharge + "07", uds.Options{Table: uds.Kona()}, 2, vehicle.Refusal{Offset: 46, Reason: "1 bytes after the data of the last DID"}},
		"second DID cut":     {"62F40D 3C F40C 1A", uds.Options{}, 1, vehicle.Refusal{Offset: 4, Reason: "3 bytes after the data of the last DID"}},
		"second DID unknown": {"62F40D 3C 1234 1A", uds.Options{}, 1, vehicle.Refusal{Offset: 4, Reason: "3 bytes after the data of the last DID"}},
		"DID comes twice":    {"62F40D 3C F40D 3C", uds.Options{}, 1, vehicle.Refusal{Offset: 4, Reason: "3 bytes after the data of the last DID"}},
		"wrong VIN":          {"62F190 3F4D48 4B3831 43464C 55 30 303030303031", uds.Options{}, 0, vehicle.Refusal{Offset: 3, Place: "DID F190", Reason: `parse VIN "?MHK81CFLU0000001": invalid_character at byte 0`}},
		"table with nonsense": {"620001 AA", uds.Options{Table: &uds.Table{DIDs: []uds.DID{{Number: 1, Bytes: 1 << 62, Signals: []uds.Signal{
			{Name: "a", Bit: -8, Bits: 8}, {Name: "b", Bits: 64}, {Name: "c", Bit: 1 << 62, Bits: 8}, {Name: "d", Bits: -1}}}}}}, 0,
			vehicle.Refusal{Offset: 1, Place: "DID 0001", Reason: "data have 1 of 4611686018427387904 bytes"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, refusals, err := uds.DecodeData(unhex(t, tt.message), tt.options)
			if err != nil || len(refusals) != 1 {
				t.Fatal(err, refusals)
			}
			if diff := cmp.Diff(tt.want, *refusals[0]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(data.Values) != tt.values {
				t.Errorf("got %v", data.Values)
			}
		})
	}
}

func TestMirrorDIDs(t *testing.T) {
	t.Parallel()
	if n, ok := uds.DIDNumber(0xF40D).PID(); !ok || n != 0x0D {
		t.Error(n, ok)
	}
	if n, ok := uds.DIDNumber(0xF802).InfoType(); !ok || n != 2 {
		t.Error(n, ok)
	}
	for _, number := range []uds.DIDNumber{0xF3FF, 0xF500, 0x0101} {
		if _, ok := number.PID(); ok {
			t.Error(number)
		}
		if _, ok := number.InfoType(); ok {
			t.Error(number)
		}
	}
}
