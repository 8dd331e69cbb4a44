package j1979

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ErrNoVIN says that the ECU answers for its VIN and has none: only NUL, blanks, zeros
// or FF.
var ErrNoVIN = errors.New("no VIN is programmed")

// The parameters of service 09 (InfoTypes) that are read.
const (
	infoSupported   = 0x00 // bitmap of InfoTypes
	infoVIN         = 0x02
	infoCalibration = 0x04 // calibration identifications
	infoCVN         = 0x06 // calibration verification numbers
	infoSpark       = 0x08 // in-use performance, spark ignition
	infoName        = 0x0A // name of the ECU
	infoCompression = 0x0B // in-use performance, compression ignition
	lastInfoCount   = 0x09 // odd ones up to this tell how many messages the next has
)

// Info is one answer to service 09. Only the fields of its PID are set.
type Info struct {
	PID          byte
	Supported    []byte // PID 00: the PIDs that can be asked
	Messages     int    // PIDs 01, 03, 05, 07, 09: pre-CAN messages that the next PID takes
	VIN          vehicle.VIN
	Calibrations []string  // PID 04: one identification for each program of the ECU
	CVNs         [][4]byte // PID 06: checksums over the programs, in the same order
	Counters     []InUse   // PIDs 08 and 0B
	ECU          string    // PID 0A: acronym and name, "ECM-EngineControl"
	Warning      string    // what was odd about the message although it could be read
}

// InUse is one counter of in-use performance: how often a monitor ran ("..._done") and
// how often the conditions for it were met ("..._met").
type InUse struct {
	Name  string
	Count int
}

// DecodeInfo reads an answer to service 09. On CAN a count of items comes before the
// data; on pre-CAN buses the data comes in several messages, which elm327 joins and
// takes the numbers out of:
//
//	49 02 01 <17 characters>          CAN
//	49 02 00 00 00 <17 characters>    pre-CAN, joined
//	49 04 <n> <n times 16 characters>, 49 06 <n> <n times 4 bytes>, 49 08 <n> <n words>
//	49 0A 01 <20 characters>
//
// Characters lose the NUL and blanks around them. A VIN is checked by
// vehicle.ParseVIN.
func DecodeInfo(message []byte) (Info, error) {
	rest, err := body(message, VehicleInfo)
	if err != nil {
		return Info{}, err
	}
	if len(rest) == 0 {
		return Info{}, ErrShort
	}
	i := Info{PID: rest[0]}
	data := rest[1:]
	if len(data) == 0 {
		return Info{}, fmt.Errorf("PID %02X without data: %w", i.PID, ErrShort)
	}
	switch {
	case i.PID == infoSupported:
		err = i.supported(data)
	case i.PID <= lastInfoCount && i.PID%2 == 1:
		i.Messages = int(data[0])
	case i.PID == infoVIN:
		err = i.vin(data)
	case i.PID == infoCalibration:
		i.items(data, 16, func(b []byte) {
			if s := text(b); s != "" {
				i.Calibrations = append(i.Calibrations, s)
			}
		})
	case i.PID == infoCVN:
		i.items(data, 4, func(b []byte) {
			var n [4]byte
			copy(n[:], b)
			i.CVNs = append(i.CVNs, n)
		})
	case i.PID == infoSpark, i.PID == infoCompression:
		names := counterNames(i.PID)
		i.items(data, 2, func(b []byte) {
			if n := len(i.Counters); n < len(names) && len(b) == 2 {
				i.Counters = append(i.Counters, InUse{names[n], int(b[0])<<8 | int(b[1])})
			}
		})
	case i.PID == infoName:
		_, data = counted(data, 20)
		i.ECU = text(data)
	default:
		return Info{}, fmt.Errorf("PID %02X: %w", i.PID, ErrUnknownPID)
	}
	if err != nil {
		return Info{}, err
	}
	return i, nil
}

// supported reads the bitmap: four bytes, after the number of the message on
// pre-CAN buses.
func (i *Info) supported(data []byte) error {
	if len(data) == 5 {
		data = data[1:]
	}
	if len(data) < 4 {
		return fmt.Errorf("read PIDs of service 09: %w", ErrShort)
	}
	i.Supported = SupportedPIDs(0, [4]byte(data))
	return nil
}

func (i *Info) vin(data []byte) error {
	if data[0] > 0 && data[0] < ' ' {
		data = data[1:] // the count of items
	}
	if len(bytes.Trim(data, "\x00 0\xff")) == 0 {
		return ErrNoVIN
	}
	vin, err := vehicle.ParseVIN(string(bytes.Trim(data, "\x00 ")))
	i.VIN = vin
	return err
}

// items hands the items of data out, each size bytes long; the last may be shorter,
// as some ECUs leave the padding away. A count that does not agree is a Warning: the
// items that came are sound.
func (i *Info) items(data []byte, size int, item func([]byte)) {
	announced, data := counted(data, size)
	n := 0
	for ; len(data) > 0; n++ {
		end := min(size, len(data))
		item(data[:end])
		data = data[end:]
	}
	if announced >= 0 && n != announced {
		i.Warning = fmt.Sprintf("%d items announced and %d sent", announced, n)
	}
}

// counted takes the count of items from the start of the data, if there is one: then
// the data is a byte longer than whole items, or starts with what is no character.
// Without one it returns -1.
func counted(data []byte, size int) (count int, items []byte) {
	switch len(data) % size {
	case 0:
		return -1, data
	case 1:
	default:
		if data[0] == 0 || data[0] >= ' ' {
			return -1, data
		}
	}
	return int(data[0]), data[1:]
}

// text reads characters: NUL and blanks around them go, NUL within (between acronym
// and name of an ECU) too; what is no ASCII character becomes '?'.
func text(b []byte) string {
	b = bytes.Trim(b, "\x00 \xff")
	out := make([]byte, 0, len(b))
	for _, c := range b {
		switch {
		case c == 0:
		case c < ' ' || c > '~':
			out = append(out, '?')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// counterNames names the counters of in-use performance in the order they are sent
// (SAE J1979 InfoTypes 08 and 0B; 40 CFR 86.1806, 13 CCR 1968.2).
func counterNames(pid byte) []string {
	names := []string{"obd_conditions_met", "ignition_cycles"}
	monitors := []string{
		"catalyst_bank1", "catalyst_bank2", "oxygen_sensor_bank1", "oxygen_sensor_bank2", "egr_vvt", "secondary_air", "evaporative_system",
		"secondary_oxygen_sensor_bank1", "secondary_oxygen_sensor_bank2", "air_fuel_imbalance_bank1", "air_fuel_imbalance_bank2",
		"gasoline_particulate_filter_bank1", "gasoline_particulate_filter_bank2",
	}
	if pid == infoCompression {
		monitors = []string{
			"nmhc_catalyst", "nox_catalyst", "nox_adsorber", "pm_filter", "exhaust_gas_sensor", "egr_vvt", "boost_pressure", "fuel_system",
		}
	}
	for _, m := range monitors {
		names = append(names, m+"_done", m+"_met")
	}
	return names
}

// Readings returns the VIN, the only part that has a VSS signal.
func (i Info) Readings() []vehicle.Reading {
	if i.VIN == "" {
		return nil
	}
	return []vehicle.Reading{{Signal: "Vehicle.VehicleIdentification.VIN", Value: vehicle.Text(string(i.VIN))}}
}
