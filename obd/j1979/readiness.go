package j1979

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// SupportedPIDs lists the PIDs that a bitmap says an ECU answers. base is the
// PID that was asked (00, 20, 40, ...) and bitmap its four bytes, the most
// significant bit of the first standing for base+1.
func SupportedPIDs(base byte, bitmap [4]byte) []byte {
	var pids []byte
	for i := range 32 {
		if bitmap[i/8]>>(7-i%8)&1 == 1 {
			pids = append(pids, base+byte(i)+1)
		}
	}
	return pids
}

// Readiness is the state of the emission monitors, PID 01 (since the codes were
// cleared) or 41 (this drive cycle).
type Readiness struct {
	MIL         bool
	Codes       int  // confirmed emission codes of this ECU; always 0 in PID 41
	Compression bool // compression ignition: the other set of monitors
	Monitors    []Monitor
}

// Monitor is one self-test of the engine control unit.
type Monitor struct {
	Name      vehicle.Monitor
	Supported bool
	Complete  bool // without meaning when not supported
}

// Ready reports whether every supported monitor is complete.
func (r Readiness) Ready() bool {
	for _, m := range r.Monitors {
		if m.Supported && !m.Complete {
			return false
		}
	}
	return true
}

// Told returns the monitors that the ECU has.
func (r Readiness) Told() vehicle.Readiness {
	var complete, incomplete []vehicle.Monitor
	for _, m := range r.Monitors {
		switch {
		case !m.Supported:
		case m.Complete:
			complete = append(complete, m.Name)
		default:
			incomplete = append(incomplete, m.Name)
		}
	}
	return vehicle.NewReadiness(complete, incomplete)
}

// DecodeReadiness reads the four data bytes of PID 01 or 41:
//
//	A  bit 7 MIL, bits 6-0 number of codes
//	B  bits 0-2 supported, bits 4-6 not complete: misfire, fuel system, components; bit 3 compression
//	C  supported, D not complete: eight more monitors, by kind of ignition
func DecodeReadiness(data []byte) (Readiness, error) {
	if len(data) != 4 {
		return Readiness{}, fmt.Errorf("read readiness: %d bytes, want 4: %w", len(data), ErrShort)
	}
	a, b, c, d := data[0], data[1], data[2], data[3]
	r := Readiness{MIL: a&0x80 != 0, Codes: int(a & 0x7F), Compression: b&0x08 != 0}
	for i, name := range []vehicle.Monitor{vehicle.MonitorMisfire, vehicle.MonitorFuelSystem, vehicle.MonitorComponents} {
		r.Monitors = append(r.Monitors, Monitor{name, b>>i&1 == 1, b>>(i+4)&1 == 0})
	}
	for i, name := range ignitionMonitors(r.Compression) {
		if name != "" {
			r.Monitors = append(r.Monitors, Monitor{name, c>>i&1 == 1, d>>i&1 == 0})
		}
	}
	return r, nil
}

// ignitionMonitors names the bits of bytes C and D, lowest first; reserved bits
// have no name.
func ignitionMonitors(compression bool) [8]vehicle.Monitor {
	if compression {
		return [8]vehicle.Monitor{
			vehicle.MonitorNMHCCatalyst, vehicle.MonitorNOx, "", vehicle.MonitorBoostPressure,
			"", vehicle.MonitorExhaustGasSensor, vehicle.MonitorPMFilter, vehicle.MonitorEGR,
		}
	}
	return [8]vehicle.Monitor{
		vehicle.MonitorCatalyst, vehicle.MonitorHeatedCatalyst, vehicle.MonitorEvaporativeSystem, vehicle.MonitorSecondaryAir,
		vehicle.MonitorGPF, vehicle.MonitorOxygenSensor, vehicle.MonitorOxygenSensorHeater, vehicle.MonitorEGR,
	}
}
