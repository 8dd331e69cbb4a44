package gbt32960

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// CellVoltage is a cell's voltage as sent: millivolts, FFFE abnormal, FFFF
// invalid.
type CellVoltage uint16

// Volts returns the voltage, 0 to 60 V.
func (v CellVoltage) Volts() Number { return cellVoltage.decode(uint32(v)) }

// Temperature is a probe's temperature as sent: degrees above -40, FE abnormal,
// FF invalid.
type Temperature uint8

// Celsius returns the temperature, -40 to 210.
func (t Temperature) Celsius() Number { return probeTemperature.decode(uint32(t)) }

// Extremes is the unit of the highest and lowest values, type 06 of 2016. Cells
// and probes are counted within their subsystem of the battery.
type Extremes struct {
	MaxVoltageSubsystem, MaxVoltageCell, MaxVoltage              Number // V
	MinVoltageSubsystem, MinVoltageCell, MinVoltage              Number // V
	MaxTemperatureSubsystem, MaxTemperatureProbe, MaxTemperature Number // Celsius
	MinTemperatureSubsystem, MinTemperatureProbe, MinTemperature Number // Celsius
}

// Type implements Unit.
func (u *Extremes) Type(e Edition) (uint8, bool) { return 0x06, e == Edition2016 }

func (u *Extremes) name() string { return "extremes" }

func (u *Extremes) walk(c coder, _ Edition) {
	c.number(&maxVoltageSubsystem, &u.MaxVoltageSubsystem)
	c.number(&maxVoltageCell, &u.MaxVoltageCell)
	c.number(&maxVoltage, &u.MaxVoltage)
	c.number(&minVoltageSubsystem, &u.MinVoltageSubsystem)
	c.number(&minVoltageCell, &u.MinVoltageCell)
	c.number(&minVoltage, &u.MinVoltage)
	c.number(&maxTemperatureSubsystem, &u.MaxTemperatureSubsystem)
	c.number(&maxTemperatureProbe, &u.MaxTemperatureProbe)
	c.number(&maxTemperature, &u.MaxTemperature)
	c.number(&minTemperatureSubsystem, &u.MinTemperatureSubsystem)
	c.number(&minTemperatureProbe, &u.MinTemperatureProbe)
	c.number(&minTemperature, &u.MinTemperature)
}

// CellVoltages is the unit of cell voltages, type 08 of 2016 and 07 of 2025. A
// battery of more than 200 cells comes in several units in 2016.
type CellVoltages struct {
	Groups  []CellGroup
	Quality vehicle.Quality // abnormal or invalid: the vehicle sent no list
	Cut     bool            // groups are missing: the frame ends before them
}

// CellGroup is the cells of one subsystem of the battery, or some of them.
type CellGroup struct {
	Subsystem uint8  // counted from 1
	Voltage   Number // V
	Current   Number // A, positive out of the battery
	Total     uint16 // cells of the subsystem; 2016 only
	First     uint16 // number of Cells[0], counted from 1; 2016 only
	Cells     []CellVoltage
	Quality   vehicle.Quality // abnormal or invalid: the vehicle sent no cells
}

// Type implements Unit.
func (u *CellVoltages) Type(e Edition) (uint8, bool) { return byEdition(e, 0x08, 0x07) }

func (u *CellVoltages) name() string { return "cell_voltages" }

func (u *CellVoltages) walk(c coder, e Edition) {
	elem := 10
	if e == Edition2025 {
		elem = 7
	}
	n := c.count("count", 1, elem, len(u.Groups), &u.Quality)
	if p := c.pool(); p != nil {
		u.Groups = take(&p.voltages, n)
	}
	walkList(c, "subsystems", &u.Groups, func(g *CellGroup) { g.walk(c, e) })
}

func (u *CellVoltages) cut(int) bool {
	u.Cut = true
	return len(u.Groups) > 0
}

func (g *CellGroup) walk(c coder, e Edition) {
	c.code("no", &g.Subsystem)
	size := 1
	if e == Edition2025 {
		size = 2
		c.number(&subsystemVoltage2025, &g.Voltage)
		c.number(&subsystemCurrent2025, &g.Current)
	} else {
		c.number(&subsystemVoltage, &g.Voltage)
		c.number(&subsystemCurrent, &g.Current)
		c.code16("cell_total", &g.Total)
		c.code16("frame_start_cell", &g.First)
	}
	n := c.count("frame_cell_count", size, 2, len(g.Cells), &g.Quality)
	if p := c.pool(); p != nil {
		g.Cells = take(&p.cellVoltages, n)
	}
	c.cells("cells_v", g.Cells)
}

// Temperatures is the unit of probe temperatures, type 09 of 2016 and 08 of 2025.
type Temperatures struct {
	Groups  []ProbeGroup
	Quality vehicle.Quality // abnormal or invalid: the vehicle sent no list
	Cut     bool            // groups are missing: the frame ends before them
}

// ProbeGroup is the probes of one subsystem of the battery.
type ProbeGroup struct {
	Subsystem uint8 // counted from 1
	Probes    []Temperature
	Quality   vehicle.Quality // abnormal or invalid: the vehicle sent no probes
}

// Type implements Unit.
func (u *Temperatures) Type(e Edition) (uint8, bool) { return byEdition(e, 0x09, 0x08) }

func (u *Temperatures) name() string { return "probe_temperatures" }

func (u *Temperatures) walk(c coder, _ Edition) {
	n := c.count("count", 1, 3, len(u.Groups), &u.Quality)
	if p := c.pool(); p != nil {
		u.Groups = take(&p.temps, n)
	}
	walkList(c, "subsystems", &u.Groups, func(g *ProbeGroup) {
		c.code("no", &g.Subsystem)
		n := c.count("probe_count", 2, 1, len(g.Probes), &g.Quality)
		if p := c.pool(); p != nil {
			g.Probes = take(&p.temperatures, n)
		}
		c.probes("temps_c", g.Probes)
	})
}

func (u *Temperatures) cut(int) bool {
	u.Cut = true
	return len(u.Groups) > 0
}
