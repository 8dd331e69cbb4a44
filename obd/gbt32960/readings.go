package gbt32960

import (
	"strconv"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// maxMotors is how many drive motors have signals.
const maxMotors = 4

// AppendReadings appends what a real-time frame measured, in VSS signals and
// units. It adds nothing for other frames and for frames that Decode refused. The
// caller makes sure that f.Time is known.
//
// The number of readings does not grow with that of the cells: of cells and
// probes it gives the highest, the lowest and the average. In the edition of 2016
// the vehicle itself says which are highest and lowest; without that, and in 2025,
// they come from the lists, if the frame holds all cells. Motors after the first
// have signals of their own, ElectricMotor2 to ElectricMotor4, in the order of the
// frame.
func (f *Frame) AppendReadings(dst []vehicle.Reading) []vehicle.Reading {
	if !f.sound || f.kind() != bodyUnits {
		return dst
	}
	motors, extremes, cutCells, cutProbes := 0, false, false, false
	var cells cellStats
	var probes probeStats
	for _, u := range f.signed() {
		switch u := u.(type) {
		case *Vehicle:
			dst = u.appendReadings(dst, f.Edition)
		case *Motors:
			for i := range u.List {
				if motors++; motors <= maxMotors {
					dst = u.List[i].appendReadings(dst, f.Edition, motors-1)
				}
			}
		case *FuelCell:
			dst = u.appendReadings(dst)
		case *Engine:
			dst = u.appendReadings(dst, f.Edition)
		case *Position:
			dst = u.appendReadings(dst)
		case *Extremes:
			extremes = true
			dst = u.appendReadings(dst)
		case *CellVoltages:
			cutCells = cutCells || u.Cut
			for i := range u.Groups {
				cells.add(&u.Groups[i])
			}
		case *Temperatures:
			cutProbes = cutProbes || u.Cut
			for i := range u.Groups {
				probes.add(u.Groups[i].Probes)
			}
		}
	}
	if !cutCells && (f.Edition == Edition2025 || cells.total == cells.listed) {
		dst = cells.appendReadings(dst, !extremes)
	}
	if cutProbes {
		return dst
	}
	return probes.appendReadings(dst, !extremes)
}

func (u *Vehicle) appendReadings(dst []vehicle.Reading, e Edition) []vehicle.Reading {
	voltage, current := &totalVoltage, &totalCurrent
	if e == Edition2025 {
		voltage, current = &totalVoltage2025, &totalCurrent2025
	}
	dst = append(dst,
		speed.reading(speed.signal, u.Speed),
		odometer.reading(odometer.signal, u.Odometer),
		voltage.reading(voltage.signal, u.Voltage),
		current.reading(current.signal, u.Current),
		soc.reading(soc.signal, u.SoC),
		insulation.reading(insulation.signal, u.Insulation),
	)
	dst = appendCode(dst, signalState, u.State, func(code uint8) (vehicle.Value, bool) {
		if code == 1 {
			return vehicle.Text("ON"), true
		}
		return vehicle.Text("OFF"), code == 2
	})
	dst = appendCode(dst, signalCharging, u.ChargeState, func(code uint8) (vehicle.Value, bool) {
		return vehicle.Bool(code <= 2), code >= 1 && code <= 4
	})
	dst = u.Gear.appendReadings(dst, e)
	if e == Edition2016 {
		pedal := u.Brake
		if pedal.Value == brakePressed {
			pedal = Number{Quality: vehicle.QualityInvalid} // pressed, and nobody knows how far
		}
		dst = append(dst, accelerator.reading(accelerator.signal, u.Accelerator), brake.reading(brake.signal, pedal))
	}
	return dst
}

// appendCode makes the reading of a code of one byte. Codes without a meaning for
// the signal give none; the marks FE and FF give one without a value.
func appendCode(dst []vehicle.Reading, signal vehicle.Signal, code uint8, meaning func(uint8) (vehicle.Value, bool)) []vehicle.Reading {
	switch code {
	case 0xFE:
		return append(dst, vehicle.Reading{Signal: signal, Quality: vehicle.QualityAbnormal})
	case 0xFF:
		return append(dst, vehicle.Reading{Signal: signal, Quality: vehicle.QualityInvalid})
	}
	if v, ok := meaning(code); ok {
		return append(dst, vehicle.Reading{Signal: signal, Value: v})
	}
	return dst
}

// appendReadings gives the gear selected as VSS counts it, -1 reverse, 126 park,
// 127 drive; and the gear engaged where the position is one.
func (g Gear) appendReadings(dst []vehicle.Reading, e Edition) []vehicle.Reading {
	if e == Edition2025 && !g.Valid() || g == 0xFF {
		return append(dst, vehicle.Reading{Signal: signalSelectedGear, Quality: vehicle.QualityInvalid})
	}
	if g == 0xFE {
		return append(dst, vehicle.Reading{Signal: signalSelectedGear, Quality: vehicle.QualityAbnormal})
	}
	selected := g.Position()
	switch selected {
	case Reverse:
		selected = -1
	case Park:
		selected = 126
	case Drive:
		selected = 127
	}
	dst = append(dst, vehicle.Measure(signalSelectedGear, float64(selected)))
	if selected <= 12 {
		dst = append(dst, vehicle.Measure(signalCurrentGear, float64(selected)))
	}
	return dst
}

// motorSignals names the signals of the drive motors, by place and field.
var motorSignals = func() (all [maxMotors]map[vehicle.Signal]vehicle.Signal) {
	for i := range all {
		all[i] = map[vehicle.Signal]vehicle.Signal{}
		for _, f := range []*field{&controllerTemperature, &motorSpeed, &motorTorque, &motorTemperature, &inputVoltage, &inputCurrent} {
			number := ""
			if i > 0 {
				number = strconv.Itoa(i + 1)
			}
			all[i][f.signal] = motor + vehicle.Signal(number) + f.signal[len(motor):]
		}
	}
	return all
}()

func (m *Motor) appendReadings(dst []vehicle.Reading, e Edition, place int) []vehicle.Reading {
	of := motorSignals[place]
	speed, torque := &motorSpeed, &motorTorque
	if e == Edition2025 {
		speed, torque = &motorSpeed2025, &motorTorque2025
	}
	dst = append(dst,
		speed.reading(of[speed.signal], m.Speed),
		torque.reading(of[torque.signal], m.Torque),
		motorTemperature.reading(of[motorTemperature.signal], m.Temperature),
		controllerTemperature.reading(of[controllerTemperature.signal], m.ControllerTemperature),
	)
	if e == Edition2016 {
		dst = append(dst,
			inputVoltage.reading(of[inputVoltage.signal], m.Voltage),
			inputCurrent.reading(of[inputCurrent.signal], m.Current),
		)
	}
	return dst
}

func (u *FuelCell) appendReadings(dst []vehicle.Reading) []vehicle.Reading {
	return append(dst,
		stackVoltage.reading(stackVoltage.signal, u.Voltage),
		stackCurrent.reading(stackCurrent.signal, u.Current),
		hydrogenRate.reading(hydrogenRate.signal, u.HydrogenRate),
		hydrogenTemperature.reading(hydrogenTemperature.signal, u.HydrogenTemperature),
		hydrogenConcentration.reading(hydrogenConcentration.signal, u.Concentration),
		hydrogenPressure.reading(hydrogenPressure.signal, u.Pressure),
	)
}

func (u *Engine) appendReadings(dst []vehicle.Reading, e Edition) []vehicle.Reading {
	dst = append(dst, crankSpeed.reading(crankSpeed.signal, u.Speed))
	if e == Edition2025 {
		return dst
	}
	dst = append(dst, fuelRate.reading(fuelRate.signal, u.FuelRate))
	return appendCode(dst, signalRunning, u.State, func(code uint8) (vehicle.Value, bool) {
		return vehicle.Bool(code == 1), code == 1 || code == 2
	})
}

func (u *Extremes) appendReadings(dst []vehicle.Reading) []vehicle.Reading {
	return append(dst,
		maxVoltage.reading(maxVoltage.signal, u.MaxVoltage),
		maxVoltageCell.reading(maxVoltageCell.signal, u.MaxVoltageCell),
		maxVoltageSubsystem.reading(maxVoltageSubsystem.signal, u.MaxVoltageSubsystem),
		minVoltage.reading(minVoltage.signal, u.MinVoltage),
		minVoltageCell.reading(minVoltageCell.signal, u.MinVoltageCell),
		minVoltageSubsystem.reading(minVoltageSubsystem.signal, u.MinVoltageSubsystem),
		maxTemperature.reading(maxTemperature.signal, u.MaxTemperature),
		minTemperature.reading(minTemperature.signal, u.MinTemperature),
	)
}
