package gbt32960_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	battery = "Vehicle.Powertrain.TractionBattery."
	gearbox = "Vehicle.Powertrain.Transmission."
	place   = "Vehicle.CurrentLocation."
)

func TestReadings(t *testing.T) {
	t.Parallel()
	const e16, e25 = gbt32960.Edition2016, gbt32960.Edition2025
	type values = map[vehicle.Signal]string
	groups := func(g ...gbt32960.CellGroup) *gbt32960.CellVoltages { return &gbt32960.CellVoltages{Groups: g} }
	probes := func(t ...gbt32960.Temperature) *gbt32960.Temperatures {
		return &gbt32960.Temperatures{Groups: []gbt32960.ProbeGroup{{Subsystem: 1, Probes: t}}}
	}
	tests := map[string]struct {
		edition gbt32960.Edition
		units   []gbt32960.Unit
		want    values
	}{
		"vehicle of 2016": {e16, []gbt32960.Unit{&gbt32960.Vehicle{
			State: 1, ChargeState: 1, Speed: num(63.2), Odometer: num(48213.4), Voltage: num(355.4), Current: num(25.3), SoC: num(64),
			Gear: 0x2E, Insulation: num(4000), Accelerator: num(12), Brake: num(101),
		}}, values{
			vehicle.Speed: "63.2", vehicle.TraveledDistance: "4.82134e+07", battery + "CurrentVoltage": "355.4", battery + "CurrentCurrent": "-25.3",
			battery + "StateOfCharge.Current": "64", battery + "InsulationResistance": "4000", "Vehicle.LowVoltageSystemState": "ON",
			battery + "Charging.IsCharging": "true", gearbox + "SelectedGear": "127", "Vehicle.Chassis.Accelerator.PedalPosition": "12",
			"Vehicle.Chassis.Brake.PedalPosition": "invalid",
		}},
		"vehicle of 2025, marks and ranges": {e25, []gbt32960.Unit{&gbt32960.Vehicle{
			State: 0xFF, ChargeState: 4, Speed: num(250), Odometer: abnormal, Voltage: invalid, Current: num(-3000), SoC: num(101), Gear: 0x80, Insulation: abnormal,
		}}, values{
			vehicle.Speed: "250 out of range", vehicle.TraveledDistance: "abnormal", battery + "CurrentVoltage": "invalid", battery + "CurrentCurrent": "3000",
			battery + "StateOfCharge.Current": "101 out of range", battery + "InsulationResistance": "abnormal", "Vehicle.LowVoltageSystemState": "invalid",
			battery + "Charging.IsCharging": "false", gearbox + "SelectedGear": "invalid",
		}},
		"five motors": {e25, []gbt32960.Unit{&gbt32960.Motors{List: []gbt32960.Motor{
			{Speed: num(1)}, {Speed: num(2)}, {Torque: num(-0.5)}, {Temperature: num(40)}, {Speed: num(5)},
		}}}, values{
			"Vehicle.Powertrain.ElectricMotor.Speed": "1", "Vehicle.Powertrain.ElectricMotor.Torque": "0", "Vehicle.Powertrain.ElectricMotor.Temperature": "0", "Vehicle.Powertrain.ElectricMotor.ControllerTemperature": "0",
			"Vehicle.Powertrain.ElectricMotor2.Speed": "2", "Vehicle.Powertrain.ElectricMotor2.Torque": "0", "Vehicle.Powertrain.ElectricMotor2.Temperature": "0", "Vehicle.Powertrain.ElectricMotor2.ControllerTemperature": "0",
			"Vehicle.Powertrain.ElectricMotor3.Speed": "0", "Vehicle.Powertrain.ElectricMotor3.Torque": "-0.5", "Vehicle.Powertrain.ElectricMotor3.Temperature": "0", "Vehicle.Powertrain.ElectricMotor3.ControllerTemperature": "0",
			"Vehicle.Powertrain.ElectricMotor4.Speed": "0", "Vehicle.Powertrain.ElectricMotor4.Torque": "0", "Vehicle.Powertrain.ElectricMotor4.Temperature": "40", "Vehicle.Powertrain.ElectricMotor4.ControllerTemperature": "0",
		}},
		"motor of 2016": {e16, []gbt32960.Unit{&gbt32960.Motors{List: []gbt32960.Motor{{Speed: num(-14), Voltage: num(567), Current: num(-2.5)}}}}, values{
			"Vehicle.Powertrain.ElectricMotor.Speed": "-14", "Vehicle.Powertrain.ElectricMotor.Torque": "0", "Vehicle.Powertrain.ElectricMotor.Temperature": "0", "Vehicle.Powertrain.ElectricMotor.ControllerTemperature": "0",
			"Vehicle.Powertrain.ElectricMotor.InputVoltage": "567", "Vehicle.Powertrain.ElectricMotor.InputCurrent": "-2.5",
		}},
		"engine": {e16, []gbt32960.Unit{&gbt32960.Engine{State: 2, Speed: num(0), FuelRate: num(1.02)}}, values{
			vehicle.EngineSpeed: "0", "Vehicle.Powertrain.FuelSystem.InstantConsumption": "1.02", "Vehicle.Powertrain.CombustionEngine.IsRunning": "false",
		}},
		"fuel cell": {e16, []gbt32960.Unit{&gbt32960.FuelCell{Voltage: num(400), Pressure: num(35), Concentration: invalid}}, values{
			"Vehicle.Powertrain.FuelCell.Voltage": "400", "Vehicle.Powertrain.FuelCell.Current": "0", "Vehicle.Powertrain.FuelCell.HydrogenConsumption": "0",
			"Vehicle.Powertrain.FuelCell.HydrogenTemperatureMax": "0", "Vehicle.Powertrain.FuelCell.HydrogenConcentrationMax": "invalid", "Vehicle.Powertrain.FuelCell.HydrogenPressureMax": "35",
		}},
		"position of 2016": {e16, []gbt32960.Unit{&gbt32960.Position{Status: 6, Longitude: num(-40.5), Latitude: num(-10.25)}}, values{
			place + "Longitude": "-40.5", place + "Latitude": "-10.25", place + "CoordinateSystem": "unspecified",
		}},
		"position of 2025":         {e25, []gbt32960.Unit{&gbt32960.Position{System: gbt32960.CoordinatesGCJ02, Longitude: num(121.5), Latitude: num(31.25)}}, values{place + "Longitude": "121.5", place + "Latitude": "31.25", place + "CoordinateSystem": "GCJ02"}},
		"position without a fix":   {e16, []gbt32960.Unit{&gbt32960.Position{Status: 1, Longitude: num(121.5), Latitude: num(31.25)}}, values{}},
		"position of 0/0":          {e16, []gbt32960.Unit{&gbt32960.Position{}}, values{}},
		"position without a value": {e16, []gbt32960.Unit{&gbt32960.Position{Longitude: invalid, Latitude: num(31.25)}}, values{}},
		"extremes, and lists": {e16, []gbt32960.Unit{
			&gbt32960.Extremes{
				MaxVoltageSubsystem: num(2), MaxVoltageCell: num(9), MaxVoltage: num(3.611), MinVoltageSubsystem: num(1), MinVoltageCell: num(55), MinVoltage: invalid,
				MaxTemperature: num(29), MinTemperature: num(28),
			},
			groups(gbt32960.CellGroup{Total: 2, First: 1, Cells: []gbt32960.CellVoltage{3600, 3604}}),
			probes(68, 69),
		}, values{
			battery + "CellVoltage.Max": "3.611", battery + "CellVoltage.IdMax": "9", battery + "CellVoltage.SubsystemMax": "2",
			battery + "CellVoltage.Min": "invalid", battery + "CellVoltage.IdMin": "55", battery + "CellVoltage.SubsystemMin": "1",
			battery + "CellVoltage.Average": "3.602", battery + "Temperature.Max": "29", battery + "Temperature.Min": "28", battery + "Temperature.Average": "28.5",
		}},
		"cells over two units of 2016": {e16, []gbt32960.Unit{
			groups(gbt32960.CellGroup{Subsystem: 1, Total: 4, First: 3, Cells: []gbt32960.CellVoltage{3600, 3700}}),
			groups(gbt32960.CellGroup{Subsystem: 1, Total: 4, First: 1, Cells: []gbt32960.CellVoltage{3500, 0xFFFF}}),
		}, values{
			battery + "CellVoltage.Max": "3.7", battery + "CellVoltage.IdMax": "4", battery + "CellVoltage.SubsystemMax": "1",
			battery + "CellVoltage.Min": "3.5", battery + "CellVoltage.IdMin": "1", battery + "CellVoltage.SubsystemMin": "1", battery + "CellVoltage.Average": "3.6",
		}},
		"some of the cells of 2016": {e16, []gbt32960.Unit{groups(gbt32960.CellGroup{Subsystem: 1, Total: 4, First: 3, Cells: []gbt32960.CellVoltage{3600, 3700}})}, values{}},
		"lists of 2025": {e25, []gbt32960.Unit{
			groups(gbt32960.CellGroup{Subsystem: 1, Cells: []gbt32960.CellVoltage{3600, 0xFFFE}}, gbt32960.CellGroup{Subsystem: 2, Cells: []gbt32960.CellVoltage{3500, 3700}}),
			probes(0xFE, 40, 43),
		}, values{
			battery + "CellVoltage.Max": "3.7", battery + "CellVoltage.IdMax": "2", battery + "CellVoltage.SubsystemMax": "2",
			battery + "CellVoltage.Min": "3.5", battery + "CellVoltage.IdMin": "1", battery + "CellVoltage.SubsystemMin": "2", battery + "CellVoltage.Average": "3.6",
			battery + "Temperature.Max": "3", battery + "Temperature.Min": "0", battery + "Temperature.Average": "1.5",
		}},
		"no cell has a value":  {e25, []gbt32960.Unit{groups(gbt32960.CellGroup{Cells: []gbt32960.CellVoltage{0xFFFF}}), probes(0xFF)}, values{}},
		"behind the signature": {e25, []gbt32960.Unit{&gbt32960.Signature{Algorithm: 1}, &gbt32960.Engine{Speed: num(900)}}, values{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := decode(t, write(t, realTime(tt.edition, tt.units...)))
			all := f.AppendReadings(nil)
			if diff := cmp.Diff(tt.want, readings(all)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, r := range all {
				if _, ok := vehicle.Lookup(r.Signal); !ok {
					t.Errorf("%s is not in the dictionary", r.Signal)
				}
				if (r.Quality == vehicle.QualityAbnormal || r.Quality == vehicle.QualityInvalid) && r.Value != (vehicle.Value{}) {
					t.Errorf("%s has a value: %v", r.Signal, r.Value)
				}
			}
		})
	}
}

func TestGears(t *testing.T) {
	t.Parallel()
	for raw, want := range map[gbt32960.Gear][2]string{
		0x00: {"0", "0"}, 0x15: {"5", "5"}, 0x0C: {"12", "12"}, 0x0D: {"-1", "-1"}, 0x0E: {"127", ""}, 0x3F: {"126", ""}, 0xFE: {"abnormal", ""}, 0xFF: {"invalid", ""},
	} {
		f := decode(t, write(t, realTime(gbt32960.Edition2016, &gbt32960.Vehicle{Gear: raw})))
		got := readings(f.AppendReadings(nil))
		if got[gearbox+"SelectedGear"] != want[0] || got[gearbox+"CurrentGear"] != want[1] {
			t.Errorf("%02X: selected %q, current %q; want %q", uint8(raw), got[gearbox+"SelectedGear"], got[gearbox+"CurrentGear"], want)
		}
	}
}

func TestDistanceIsExact(t *testing.T) {
	t.Parallel()
	for _, tenths := range []float64{0, 1, 2589, 482134, 9999999} {
		f := decode(t, write(t, realTime(gbt32960.Edition2016, &gbt32960.Vehicle{Odometer: num(tenths / 10)})))
		for _, r := range f.AppendReadings(nil) {
			if r.Signal == vehicle.TraveledDistance && r.Value.Num != tenths*100 {
				t.Errorf("%v km are %v m", tenths/10, r.Value.Num)
			}
		}
	}
}

func TestReadingsDoNotGrowWithCells(t *testing.T) {
	t.Parallel()
	for _, e := range []gbt32960.Edition{gbt32960.Edition2016, gbt32960.Edition2025} {
		few := decode(t, write(t, realTime(e, car(e, 2, 2)...))).AppendReadings(nil)
		many := decode(t, write(t, realTime(e, car(e, 200, 150)...))).AppendReadings(nil)
		if len(few) != len(many) || len(many) > 40 {
			t.Errorf("edition %s: %d readings of 2 cells, %d of 200", e, len(few), len(many))
		}
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	const e16, e25 = gbt32960.Edition2016, gbt32960.Edition2025
	list := func(codes ...uint32) gbt32960.FaultList { return gbt32960.FaultList{Codes: codes} }
	type entry struct {
		code     vehicle.Code
		severity uint8 // 0: none
	}
	tests := map[string]struct {
		edition gbt32960.Edition
		units   []gbt32960.Unit
		want    []entry
		ok      bool
	}{
		"no alarm unit": {e16, []gbt32960.Unit{&gbt32960.Engine{}}, nil, false},
		"no alarm":      {e16, []gbt32960.Unit{&gbt32960.Alarm{}}, nil, true},
		"flags and lists": {e16, []gbt32960.Unit{&gbt32960.Alarm{
			MaxLevel: 2, Flags: 1<<13 | 1, Storage: list(1000), Motor: list(2), Engine: list(3), Other: list(0x00080002),
		}}, []entry{{"GBT-A00", 0x40}, {"GBT-A13", 0x40}, {"GBT-S000003E8", 0x40}, {"GBT-M00000002", 0x40}, {"GBT-E00000003", 0x40}, {"GBT-O00080002", 0x40}}, true},
		"twice the same":       {e16, []gbt32960.Unit{&gbt32960.Alarm{MaxLevel: 1, Flags: 2}, &gbt32960.Alarm{MaxLevel: 3, Flags: 2}}, []entry{{"GBT-A01", 0x80}}, true},
		"level unknown":        {e16, []gbt32960.Unit{&gbt32960.Alarm{MaxLevel: 0xFF, Flags: 2}}, []entry{{"GBT-A01", 0}}, true},
		"level of each alarm":  {e25, []gbt32960.Unit{&gbt32960.Alarm{MaxLevel: 3, Flags: 7, Levels: gbt32960.LevelList{List: []gbt32960.AlarmLevel{{0, 1}, {1, 0xFE}, {200, 2}}}}}, []entry{{"GBT-A00", 0x20}, {"GBT-A01", 0x80}, {"GBT-A02", 0x80}}, true},
		"flags invalid":        {e16, []gbt32960.Unit{&gbt32960.Alarm{MaxLevel: 1, Flags: 0xFFFFFFFF}}, nil, false},
		"flags abnormal":       {e16, []gbt32960.Unit{&gbt32960.Alarm{MaxLevel: 1, Flags: 0xFFFFFFFE}}, nil, false},
		"flags invalid, fault": {e16, []gbt32960.Unit{&gbt32960.Alarm{MaxLevel: 1, Flags: 0xFFFFFFFF, Motor: list(7)}}, []entry{{"GBT-M00000007", 0x20}}, true},
		"behind a signature":   {e25, []gbt32960.Unit{&gbt32960.Signature{}, &gbt32960.Alarm{Flags: 1}}, nil, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, ok := decode(t, write(t, realTime(tt.edition, tt.units...))).Codes()
			var got []entry
			for _, c := range report.Codes {
				e := entry{code: c.Code}
				if c.Severity != nil {
					e.severity = *c.Severity
				}
				if c.Status != vehicle.CodeConfirmed || c.Code.Namespace() != vehicle.NamespaceGBT {
					t.Errorf("%+v", c)
				}
				got = append(got, e)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(entry{})); diff != "" || ok != tt.ok {
				t.Errorf("ok %v (-want +got):\n%s", ok, diff)
			}
			covers := vehicle.CodeConfirmed
			if name == "flags invalid, fault" {
				covers = vehicle.CoversNone
			}
			if ok && (report.ECU != "GBT" || !report.Broadcast || !report.Time.Equal(at) || !cmp.Equal(report.Covers, []vehicle.CodeStatus{covers})) {
				t.Errorf("%+v", report)
			}
		})
	}
	f := realTime(e16, &gbt32960.Alarm{Flags: 1})
	f.Time = f.Time.AddDate(-100, 0, 0)
	if _, ok := f.Codes(); ok {
		t.Error("codes of a frame that was not decoded")
	}
}
