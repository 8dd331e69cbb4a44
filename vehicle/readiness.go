package vehicle

import "slices"

// Monitor is a self-test by which an ECU watches what emissions depend on, under the
// name that SAE J1979 PID 01 gives its bit: "catalyst".
type Monitor string

// The monitors of PID 01. The first three run all the time.
const (
	MonitorMisfire    Monitor = "misfire"
	MonitorFuelSystem Monitor = "fuel_system"
	MonitorComponents Monitor = "components"

	MonitorCatalyst           Monitor = "catalyst" // spark ignition, from here on
	MonitorHeatedCatalyst     Monitor = "heated_catalyst"
	MonitorEvaporativeSystem  Monitor = "evaporative_system"
	MonitorSecondaryAir       Monitor = "secondary_air"
	MonitorGPF                Monitor = "gpf_or_ac_refrigerant" // particulate filter; on old cars the refrigerant
	MonitorOxygenSensor       Monitor = "oxygen_sensor"
	MonitorOxygenSensorHeater Monitor = "oxygen_sensor_heater"

	MonitorNMHCCatalyst     Monitor = "nmhc_catalyst" // compression ignition, from here on
	MonitorNOx              Monitor = "nox_scr"
	MonitorBoostPressure    Monitor = "boost_pressure"
	MonitorExhaustGasSensor Monitor = "exhaust_gas_sensor"
	MonitorPMFilter         Monitor = "pm_filter"

	MonitorEGR Monitor = "egr_vvt" // both
)

// Monitors lists them all: those that run all the time first, then as PID 01 has them.
func Monitors() []Monitor {
	return []Monitor{
		MonitorMisfire, MonitorFuelSystem, MonitorComponents,
		MonitorCatalyst, MonitorHeatedCatalyst, MonitorEvaporativeSystem, MonitorSecondaryAir, MonitorGPF,
		MonitorOxygenSensor, MonitorOxygenSensorHeater,
		MonitorNMHCCatalyst, MonitorNOx, MonitorBoostPressure, MonitorExhaustGasSensor, MonitorPMFilter,
		MonitorEGR,
	}
}

// Continuous reports whether the monitor runs all the time. Many ECUs call those
// complete also in the moment after codes were erased.
func (m Monitor) Continuous() bool {
	return m == MonitorMisfire || m == MonitorFuelSystem || m == MonitorComponents
}

// Readiness is which of its monitors an ECU has completed since its codes were erased
// (SAE J1979 PID 01). A monitor that is complete stays so until codes are erased again,
// or the ECU loses its supply. Those that the ECU does not have are in neither list.
type Readiness struct {
	Complete, Incomplete []Monitor // each once, in the order of Monitors
}

// NewReadiness puts monitors in order. One that is in both lists is not complete.
func NewReadiness(complete, incomplete []Monitor) Readiness {
	var r Readiness
	for _, m := range Monitors() {
		switch {
		case slices.Contains(incomplete, m):
			r.Incomplete = append(r.Incomplete, m)
		case slices.Contains(complete, m):
			r.Complete = append(r.Complete, m)
		}
	}
	return r
}
