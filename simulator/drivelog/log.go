// Package drivelog reads recorded drives, one row per moment and one column per
// OBD-II parameter, and gives them back as the ELM327 answers that the adapter
// in the car had sent.
package drivelog

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
)

// Row is one moment of a drive.
type Row struct {
	Offset time.Duration // since the first row
	Values []Value
}

// Value is one parameter of service 01 in the unit of its table entry.
type Value struct {
	PID   byte
	Value float64
}

// columns names the columns of known loggers by service 01 PID: the carOBD logs,
// and readable names that other loggers use. A header such as "0C" or "010C" is
// taken as the PID itself.
var columns = map[string]byte{
	"ENGINE_RUN_TINE": 0x1F, "ENGINE_RUN_TIME": 0x1F, "ENGINE_RPM": 0x0C, "VEHICLE_SPEED": 0x0D, "THROTTLE": 0x11,
	"ENGINE_LOAD": 0x04, "COOLANT_TEMPERATURE": 0x05, "SHORT_TERM_FUEL_TRIM_BANK_1": 0x06, "LONG_TERM_FUEL_TRIM_BANK_1": 0x07,
	"SHORT_TERM_FUEL_TRIM_BANK_2": 0x08, "LONG_TERM_FUEL_TRIM_BANK_2": 0x09, "INTAKE_MANIFOLD_PRESSURE": 0x0B,
	"TIMING_ADVANCE": 0x0E, "INTAKE_AIR_TEMP": 0x0F, "MAF": 0x10, "DISTANCE_TRAVELED_WITH_MIL_ON": 0x21,
	"COMMANDED_EVAPORATIVE_PURGE": 0x2E, "FUEL_TANK": 0x2F, "WARM_UPS_SINCE_CODES_CLEARED": 0x30,
	"ABSOLUTE_BAROMETRIC_PRESSURE": 0x33, "CATALYST_TEMPERATURE_BANK1_SENSOR1": 0x3C, "CATALYST_TEMPERATURE_BANK1_SENSOR2": 0x3E,
	"CONTROL_MODULE_VOLTAGE": 0x42, "FUEL_AIR_COMMANDED_EQUIV_RATIO": 0x44, "RELATIVE_THROTTLE_POSITION": 0x45,
	"AMBIENT_AIR_TEMPERATURE": 0x46, "ABSOLUTE_THROTTLE_B": 0x47, "PEDAL_D": 0x49, "PEDAL_E": 0x4A,
	"COMMANDED_THROTTLE_ACTUATOR": 0x4C, "TIME_RUN_WITH_MIL_ON": 0x4D, "TIME_SINCE_TROUBLE_CODES_CLEARED": 0x4E,
	"ENGINE_OIL_TEMPERATURE": 0x5C, "ENGINE_FUEL_RATE": 0x5E, "ODOMETER": 0xA6,
}

// timeColumn holds seconds since the start, where a log has it.
const timeColumn = "TIME"

// ErrNoColumns says that no column of a log is known.
var ErrNoColumns = errors.New("no column is a known OBD-II parameter: name columns like ENGINE_RPM, or by PID like 010C")

// Read reads a log. Columns that are not known are skipped and named in skipped;
// empty cells are left out. Without a TIME column rows are a second apart.
func Read(r io.Reader) (rows []Row, skipped []string, err error) {
	in := csv.NewReader(r)
	in.TrimLeadingSpace = true
	header, err := in.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("read the header: %w", err)
	}
	pids, timeAt, skipped := layout(header)
	if len(skipped) == len(header) || (timeAt >= 0 && len(skipped) == len(header)-1) {
		return nil, skipped, ErrNoColumns
	}
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, skipped, nil
		}
		if err != nil {
			return nil, skipped, fmt.Errorf("read the log: %w", err)
		}
		line, _ := in.FieldPos(0)
		row := Row{Offset: time.Duration(len(rows)) * time.Second}
		for i, cell := range cells {
			v, err := strconv.ParseFloat(cell, 64)
			switch {
			case cell == "" || (pids[i] < 0 && i != timeAt):
				continue
			case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
				return nil, skipped, fmt.Errorf("line %d, column %s: %q is not a number", line, header[i], cell)
			case i == timeAt:
				row.Offset = time.Duration(v * float64(time.Second))
			default:
				row.Values = append(row.Values, Value{byte(pids[i]), v})
			}
		}
		rows = append(rows, row)
	}
}

// layout finds the PID of every column, -1 for none, and the time column.
func layout(header []string) (pids []int, timeAt int, skipped []string) {
	pids, timeAt = make([]int, len(header)), -1
	for i, name := range header {
		name = strings.ToUpper(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		pids[i] = -1
		if name == timeColumn {
			timeAt = i
			continue
		}
		number, known := columns[name]
		if !known {
			number, known = pidName(name)
		}
		if !known {
			skipped = append(skipped, header[i])
			continue
		}
		pids[i] = int(number)
	}
	return pids, timeAt, skipped
}

// pidName reads "0C" and "010C".
func pidName(name string) (byte, bool) {
	if len(name) == 4 && strings.HasPrefix(name, "01") {
		name = name[2:]
	}
	n, err := strconv.ParseUint(name, 16, 8)
	if err != nil || len(name) != 2 {
		return 0, false
	}
	_, known := j1979.Lookup(byte(n))
	return byte(n), known
}

// ELM327 writes a row as the adapter's replies with headers off: one answer a
// line, a prompt at the end. A value its PID cannot carry is an error that names
// both; the rest of the row is still written.
func (r Row) ELM327() (string, error) {
	var b strings.Builder
	var errs []error
	for _, v := range r.Values {
		message, err := j1979.EncodePID(v.PID, v.Value)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		fmt.Fprintf(&b, "% X\r", message)
	}
	b.WriteString("\r>")
	return b.String(), errors.Join(errs...)
}
