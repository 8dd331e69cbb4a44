package gbt32960_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const testVIN = "LSVAA4182E2184847"

// china is the zone of the standard.
var china = time.FixedZone("", 8*60*60)

// at is when the test frames were collected.
var at = time.Date(2026, 11, 20, 8, 30, 15, 0, china)

func num(v float64) gbt32960.Number { return gbt32960.Number{Value: v} }

var (
	abnormal = gbt32960.Number{Quality: vehicle.QualityAbnormal}
	invalid  = gbt32960.Number{Quality: vehicle.QualityInvalid}
)

// realTime makes a frame of real-time data.
func realTime(e gbt32960.Edition, units ...gbt32960.Unit) *gbt32960.Frame {
	f := &gbt32960.Frame{
		Edition: e, Command: gbt32960.CommandRealTime, Response: gbt32960.IsCommand,
		Encryption: gbt32960.Unencrypted, Time: at, Units: units,
	}
	f.SetVIN(testVIN)
	return f
}

func write(t testing.TB, f *gbt32960.Frame) []byte {
	t.Helper()
	b, err := gbt32960.AppendFrame(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// frame makes a frame of a command from hexadecimal digits of its data unit.
func frame(t testing.TB, start string, command byte, data string) []byte {
	t.Helper()
	d := unhex(t, data)
	b := append([]byte(start+start), command, 0xFE)
	b = append(b, testVIN...)
	b = append(b, 0x01, byte(len(d)>>8), byte(len(d)))
	return check(append(b, d...))
}

// check appends the check byte.
func check(b []byte) []byte {
	var x byte
	for _, c := range b[2:] {
		x ^= c
	}
	return append(b, x)
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode(t testing.TB, b []byte) *gbt32960.Frame {
	t.Helper()
	var f gbt32960.Frame
	if err := f.Decode(b); err != nil {
		t.Fatal(err)
	}
	return &f
}

// readings maps signals to what a person would write.
func readings(all []vehicle.Reading) map[vehicle.Signal]string {
	m := map[vehicle.Signal]string{}
	for _, r := range all {
		switch r.Quality {
		case vehicle.QualityOK:
			m[r.Signal] = r.Value.String()
		case vehicle.QualityAbnormal:
			m[r.Signal] = "abnormal"
		case vehicle.QualityInvalid:
			m[r.Signal] = "invalid"
		case vehicle.QualityOutOfRange:
			m[r.Signal] = r.Value.String() + " out of range"
		}
	}
	return m
}

// car returns units as an electric car sends them, with so many cells and probes.
func car(e gbt32960.Edition, cells, probes int) []gbt32960.Unit {
	units := []gbt32960.Unit{
		&gbt32960.Vehicle{
			State: 1, ChargeState: 3, RunMode: 1, Speed: num(63.2), Odometer: num(48213.4), Voltage: num(355.4),
			Current: num(25.3), SoC: num(64), DCDC: 1, Gear: 0x2E, Insulation: num(4000), Accelerator: num(12), Brake: num(0),
		},
		&gbt32960.Motors{List: []gbt32960.Motor{{
			Number: 1, State: 1, ControllerTemperature: num(41), Speed: num(5200), Torque: num(48.5), Temperature: num(55), Voltage: num(354.9), Current: num(25.1),
		}}},
		&gbt32960.Position{System: gbt32960.CoordinatesWGS84, Longitude: num(121.472641), Latitude: num(31.231707)},
	}
	if e == gbt32960.Edition2016 {
		units[2].(*gbt32960.Position).System = 0
		units = append(units, &gbt32960.Extremes{
			MaxVoltageSubsystem: num(1), MaxVoltageCell: num(9), MaxVoltage: num(3.711), MinVoltageSubsystem: num(1), MinVoltageCell: num(55), MinVoltage: num(3.704),
			MaxTemperatureSubsystem: num(1), MaxTemperatureProbe: num(1), MaxTemperature: num(29), MinTemperatureSubsystem: num(1), MinTemperatureProbe: num(4), MinTemperature: num(28),
		})
	} else {
		units[0].(*gbt32960.Vehicle).Accelerator, units[0].(*gbt32960.Vehicle).Brake = num(0), num(0)
		units[1].(*gbt32960.Motors).List[0].Voltage, units[1].(*gbt32960.Motors).List[0].Current = num(0), num(0)
	}
	units = append(units, &gbt32960.Alarm{})
	if cells > 0 {
		g := gbt32960.CellGroup{Subsystem: 1, Voltage: num(355.4), Current: num(25.3), Cells: make([]gbt32960.CellVoltage, cells)}
		if e == gbt32960.Edition2016 {
			g.Total, g.First = uint16(cells), 1
		}
		for i := range g.Cells {
			g.Cells[i] = gbt32960.CellVoltage(3704 + i%8)
		}
		units = append(units, &gbt32960.CellVoltages{Groups: []gbt32960.CellGroup{g}})
	}
	if probes > 0 {
		g := gbt32960.ProbeGroup{Subsystem: 1, Probes: make([]gbt32960.Temperature, probes)}
		for i := range g.Probes {
			g.Probes[i] = gbt32960.Temperature(68 + i%2)
		}
		units = append(units, &gbt32960.Temperatures{Groups: []gbt32960.ProbeGroup{g}})
	}
	return units
}
