package gbt32960_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// gen draws the parts of frames.
type gen struct {
	*rapid.T
	edition gbt32960.Edition
}

// number draws a number of steps of 1/per from an offset, or a mark.
func (g gen) number(high int, offset, per float64) gbt32960.Number {
	switch rapid.IntRange(0, 9).Draw(g.T, "mark") {
	case 0:
		return abnormal
	case 1:
		return invalid
	}
	return num((float64(rapid.IntRange(0, high).Draw(g.T, "raw"))-offset)/per + 0)
}

func (g gen) code() uint8 { return rapid.Byte().Draw(g.T, "code") }

func (g gen) bytes(n int) []byte { return rapid.SliceOfN(rapid.Byte(), n, n).Draw(g.T, "bytes") }

func (g gen) some(high int) int { return rapid.IntRange(0, high).Draw(g.T, "n") }

// quality draws whether a list is marked as missing.
func (g gen) quality() vehicle.Quality {
	return rapid.SampledFrom([]vehicle.Quality{vehicle.QualityOK, vehicle.QualityOK, vehicle.QualityAbnormal, vehicle.QualityInvalid}).Draw(g.T, "list")
}

// list draws the elements of a list, or its mark.
func list[E any](g gen, high int, draw func() E) ([]E, vehicle.Quality) {
	q := g.quality()
	if q != vehicle.QualityOK {
		return nil, q
	}
	all := make([]E, g.some(high))
	for i := range all {
		all[i] = draw()
	}
	return all, q
}

func (g gen) unit() gbt32960.Unit {
	old := g.edition == gbt32960.Edition2016
	switch rapid.IntRange(0, 9).Draw(g.T, "unit") {
	case 0:
		return g.vehicle(old)
	case 1:
		m := &gbt32960.Motors{}
		m.List, m.Quality = list(g, 5, func() gbt32960.Motor { return g.motor(old) })
		return m
	case 2:
		return g.fuelCell(old)
	case 3:
		e := &gbt32960.Engine{Speed: g.number(60000, 0, 1)}
		if old {
			e.State, e.FuelRate = g.code(), g.number(60000, 0, 100)
		}
		return e
	case 4:
		return g.position(old)
	case 5:
		if old {
			return g.extremes()
		}
		return &gbt32960.Signature{Algorithm: g.code(), R: g.bytes(g.some(70)), S: g.bytes(g.some(70))}
	case 6:
		return g.alarm(old)
	case 7:
		u := &gbt32960.CellVoltages{}
		u.Groups, u.Quality = list(g, 3, func() gbt32960.CellGroup { return g.cells(old) })
		return u
	case 8:
		u := &gbt32960.Temperatures{}
		u.Groups, u.Quality = list(g, 3, func() gbt32960.ProbeGroup {
			p := gbt32960.ProbeGroup{Subsystem: g.code()}
			p.Probes, p.Quality = list(g, 40, g.probe)
			return p
		})
		return u
	default:
		return &gbt32960.Maker{Kind: uint8(rapid.IntRange(0x80, 0xFE).Draw(g.T, "type")), Data: g.bytes(g.some(40))}
	}
}

func (g gen) probe() gbt32960.Temperature { return gbt32960.Temperature(g.code()) }

func (g gen) vehicle(old bool) gbt32960.Unit {
	v := &gbt32960.Vehicle{
		State: g.code(), ChargeState: g.code(), RunMode: g.code(), Speed: g.number(2200, 0, 10), Odometer: g.number(9999999, 0, 10),
		Voltage: g.number(10000, 0, 10), Current: g.number(60000, 30000, 10), SoC: g.number(100, 0, 1), DCDC: g.code(), Gear: gbt32960.Gear(g.code()),
		Insulation: g.number(60000, 0, 1),
	}
	if old {
		v.Current, v.Accelerator, v.Brake = g.number(20000, 10000, 10), g.number(100, 0, 1), g.number(100, 0, 1)
	}
	return v
}

func (g gen) motor(old bool) gbt32960.Motor {
	m := gbt32960.Motor{Number: g.code(), State: g.code(), ControllerTemperature: g.number(250, 40, 1), Temperature: g.number(250, 40, 1)}
	if old {
		m.Speed, m.Torque = g.number(65531, 20000, 1), g.number(65531, 20000, 10)
		m.Voltage, m.Current = g.number(60000, 0, 10), g.number(20000, 10000, 10)
	} else {
		m.Speed, m.Torque = g.number(65531, 32000, 1), g.number(400000, 200000, 10)
	}
	return m
}

func (g gen) fuelCell(old bool) gbt32960.Unit {
	if !old {
		return &gbt32960.Alarm{}
	}
	f := &gbt32960.FuelCell{
		Voltage: g.number(20000, 0, 10), Current: g.number(20000, 0, 10), HydrogenRate: g.number(60000, 0, 100), HydrogenTemperature: g.number(2400, 400, 10),
		HydrogenProbe: g.number(250, 0, 1), Concentration: g.number(60000, 0, 1), ConcentrationSensor: g.number(250, 0, 1), Pressure: g.number(1000, 0, 10),
		PressureSensor: g.number(250, 0, 1), DCDC: g.code(),
	}
	f.Temperatures, f.Quality = list(g, 9, g.probe)
	return f
}

func (g gen) position(old bool) gbt32960.Unit {
	p := &gbt32960.Position{Status: g.code()}
	lon, lat := 1e6, 1e6
	if p.Status&4 != 0 {
		lon = -lon
	}
	if p.Status&2 != 0 {
		lat = -lat
	}
	p.Longitude, p.Latitude = g.number(180e6, 0, lon), g.number(90e6, 0, lat)
	if !old {
		p.System = gbt32960.CoordinateSystem(g.code())
	}
	return p
}

func (g gen) extremes() gbt32960.Unit {
	id := func() gbt32960.Number { return g.number(250, 0, 1) }
	volts := func() gbt32960.Number { return g.number(15000, 0, 1000) }
	celsius := func() gbt32960.Number { return g.number(250, 40, 1) }
	return &gbt32960.Extremes{
		MaxVoltageSubsystem: id(), MaxVoltageCell: id(), MaxVoltage: volts(), MinVoltageSubsystem: id(), MinVoltageCell: id(), MinVoltage: volts(),
		MaxTemperatureSubsystem: id(), MaxTemperatureProbe: id(), MaxTemperature: celsius(), MinTemperatureSubsystem: id(), MinTemperatureProbe: id(), MinTemperature: celsius(),
	}
}

func (g gen) alarm(old bool) gbt32960.Unit {
	a := &gbt32960.Alarm{MaxLevel: g.code(), Flags: rapid.Uint32().Draw(g.T, "flags")}
	for _, l := range []*gbt32960.FaultList{&a.Storage, &a.Motor, &a.Engine, &a.Other} {
		l.Codes, l.Quality = list(g, 4, func() uint32 { return rapid.Uint32().Draw(g.T, "fault") })
	}
	if !old {
		a.Levels.List, a.Levels.Quality = list(g, 4, func() gbt32960.AlarmLevel { return gbt32960.AlarmLevel{Bit: g.code(), Level: g.code()} })
	}
	return a
}

func (g gen) cells(old bool) gbt32960.CellGroup {
	c := gbt32960.CellGroup{Subsystem: g.code(), Voltage: g.number(10000, 0, 10), Current: g.number(60000, 30000, 10)}
	high := 300
	if old {
		high = 200
		c.Current, c.Total, c.First = g.number(20000, 10000, 10), rapid.Uint16().Draw(g.T, "total"), rapid.Uint16().Draw(g.T, "first")
	}
	c.Cells, c.Quality = list(g, high, func() gbt32960.CellVoltage { return gbt32960.CellVoltage(rapid.Uint16().Draw(g.T, "cell")) })
	return c
}

func (g gen) time() time.Time {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, china).Add(time.Duration(rapid.IntRange(0, 3e9).Draw(g.T, "seconds")) * time.Second)
}

func (g gen) frame() *gbt32960.Frame {
	f := &gbt32960.Frame{Edition: g.edition, Response: gbt32960.IsCommand, Encryption: gbt32960.Unencrypted}
	copy(f.Identity[:], g.bytes(17))
	f.Command = gbt32960.Command(rapid.IntRange(1, 0x0C).Draw(g.T, "command"))
	switch {
	case rapid.IntRange(0, 9).Draw(g.T, "answer") == 0:
		f.Response, f.Time, f.AckBody = 1, g.time(), g.bytes(g.some(5))
	case f.Command == gbt32960.CommandHeartbeat || f.Command == gbt32960.CommandClockSync:
	case f.Command > gbt32960.CommandActivation && g.edition == gbt32960.Edition2025 || f.Command < gbt32960.CommandActivation || f.Command == gbt32960.CommandActivation && g.edition == gbt32960.Edition2025:
		g.body(f)
	default:
		f.Payload = g.bytes(g.some(20))
	}
	return f
}

func (g gen) body(f *gbt32960.Frame) {
	if f.Command <= gbt32960.CommandActivation {
		f.Time = g.time()
	}
	switch f.Command {
	case gbt32960.CommandLogin:
		f.Login = gbt32960.Login{Serial: rapid.Uint16().Draw(g.T, "serial"), ICCID: g.bytes(20), Count: uint8(g.some(3)), CodeLength: uint8(g.some(30))}
		n, size := int(f.Login.Count), int(f.Login.CodeLength)
		if f.Edition == gbt32960.Edition2025 {
			f.Login.CodeLength, f.Login.Packs = 0, make([]byte, n)
			n, size = 0, 24
			for i := range f.Login.Packs {
				f.Login.Packs[i] = byte(g.some(3))
				n += int(f.Login.Packs[i])
			}
		} else if size == 0 {
			n = 0
		}
		for range n {
			f.Login.Codes = append(f.Login.Codes, g.bytes(size))
		}
	case gbt32960.CommandRealTime, gbt32960.CommandReissue:
		for range g.some(6) {
			f.Units = append(f.Units, g.unit())
		}
	case gbt32960.CommandLogout, gbt32960.CommandPlatformLogout:
		f.Logout.Serial = rapid.Uint16().Draw(g.T, "serial")
	case gbt32960.CommandPlatformLogin:
		f.PlatformLogin = gbt32960.PlatformLogin{Serial: rapid.Uint16().Draw(g.T, "serial"), User: g.bytes(12), Password: g.bytes(20), Encryption: g.code()}
	case gbt32960.CommandActivation:
		f.Activation = gbt32960.Activation{
			ChipID: g.bytes(16), PublicKey: g.bytes(g.some(70)), VIN: g.bytes(17),
			Signature: gbt32960.Signature{Algorithm: g.code(), R: g.bytes(g.some(40)), S: g.bytes(g.some(40))},
		}
	case gbt32960.CommandActivationAnswer:
		f.ActivationAnswer = gbt32960.ActivationAnswer{Result: g.code(), Info: g.code()}
	case gbt32960.CommandKeyExchange:
		f.KeyExchange = gbt32960.KeyExchange{Algorithm: g.code(), Key: g.bytes(g.some(70)), From: g.time(), To: g.time()}
	default:
		f.Time, f.Payload = time.Time{}, g.bytes(g.some(20)) // no such command
	}
}

// TestRoundTrip writes typed frames and reads them: the same comes back, whatever
// the reused Frame held before, and written again it is the same bytes.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	var got gbt32960.Frame
	rapid.Check(t, func(t *rapid.T) {
		g := gen{t, rapid.SampledFrom([]gbt32960.Edition{gbt32960.Edition2016, gbt32960.Edition2025}).Draw(t, "edition")}
		want := g.frame()
		b, err := gbt32960.AppendFrame(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Decode(b); err != nil {
			t.Fatal(err)
		}
		want.DataLength, want.LengthValid, want.BCC, want.BCCComputed = len(b)-25, true, got.BCC, got.BCCComputed
		diff := cmp.Diff(want, &got, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0), cmpopts.IgnoreUnexported(gbt32960.Frame{}), cmpopts.IgnoreFields(gbt32960.Frame{}, "Refusals"))
		if diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		for _, r := range got.Refusals {
			if r.Reason != "unit behind the signature, which must be the last" {
				t.Fatal(r)
			}
		}
		if again, err := gbt32960.AppendFrame(nil, &got); err != nil || string(again) != string(b) {
			t.Fatalf("%v\nwritten again: %X\nfirst:         %X", err, again, b)
		}
		if _, err := json.Marshal(&got); err != nil {
			t.Fatal(err)
		}
	})
}
