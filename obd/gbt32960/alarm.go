package gbt32960

import (
	"fmt"
	"math"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// alarms names the general alarm flags, by bit of GB/T 32960.3-2016 table 18.
// From first2025 on they are those that the edition of 2025 adds.
var alarms = [...]string{
	"temperature_difference", "battery_high_temperature", "pack_overvoltage", "pack_undervoltage",
	"soc_low", "cell_overvoltage", "cell_undervoltage", "soc_high",
	"soc_jump", "storage_mismatch", "cell_poor_consistency", "insulation",
	"dcdc_temperature", "brake_system", "dcdc_status", "motor_controller_temperature",
	"hv_interlock", "motor_temperature", "storage_overcharge",
	first2025: "motor_overspeed", "motor_overcurrent", "supercap_over_temperature",
	"supercap_over_pressure", "battery_thermal_event", "hydrogen_leak", "hydrogen_pressure_abnormal",
	"hydrogen_temperature_abnormal", "fuel_cell_stack_over_temperature",
}

// first2025 is the lowest bit that has no meaning in the edition of 2016.
const first2025 = 19

// AlarmName names a general alarm flag, 0 for the lowest bit: "soc_low". Bits 19
// and up are of the edition of 2025; bits without a meaning are "bit_28" to
// "bit_31".
func AlarmName(bit uint8) string {
	if int(bit) < len(alarms) {
		return alarms[bit]
	}
	return fmt.Sprintf("bit_%d", bit)
}

// name is AlarmName for an edition.
func (e Edition) alarmName(bit uint8) string {
	if e == Edition2016 && bit >= first2025 {
		return fmt.Sprintf("bit_%d", bit)
	}
	return AlarmName(bit)
}

// Alarm is the unit of alarms, type 07 of 2016 and 06 of 2025. Level, flags and
// lists come from different controllers and may disagree.
type Alarm struct {
	MaxLevel uint8  // 0 none, 1 driving not affected, 2 limit driving, 3 stop; FE abnormal, FF invalid
	Flags    uint32 // AlarmName; FFFFFFFE abnormal, FFFFFFFF invalid
	Storage  FaultList
	Motor    FaultList
	Engine   FaultList
	Other    FaultList
	Levels   LevelList // 2025 only
	Cut      bool      // the lists end early: the frame ends before them
}

// FaultList is the fault codes of one part of the vehicle, in the maker's words.
type FaultList struct {
	Codes   []uint32
	Quality vehicle.Quality // abnormal or invalid: the vehicle sent no list
}

// LevelList is the levels of single alarms.
type LevelList struct {
	List    []AlarmLevel
	Quality vehicle.Quality // abnormal or invalid: the vehicle sent no list
}

// AlarmLevel is the level of one general alarm.
type AlarmLevel struct {
	Bit   uint8
	Level uint8 // as Alarm.MaxLevel
}

// Type implements Unit.
func (u *Alarm) Type(e Edition) (uint8, bool) { return byEdition(e, 0x07, 0x06) }

func (u *Alarm) name() string { return "alarm" }

func (u *Alarm) walk(c coder, e Edition) {
	c.code("max_level", &u.MaxLevel)
	c.code32("flags_raw", &u.Flags)
	if p, ok := c.(*printer); ok {
		p.alarms(u.Flags, e)
	}
	u.Storage.walk(c, "storage_faults")
	u.Motor.walk(c, "motor_faults")
	u.Engine.walk(c, "engine_faults")
	u.Other.walk(c, "other_faults")
	if e == Edition2025 {
		u.Levels.walk(c)
	}
}

// cut keeps the unit if its level and flags are there.
func (u *Alarm) cut(n int) bool {
	u.Cut = true
	return n >= 5
}

func (l *FaultList) walk(c coder, name string) {
	n := c.count("", 1, 4, len(l.Codes), &l.Quality)
	if p := c.pool(); p != nil {
		l.Codes = take(&p.faultCodes, n)
	}
	c.faults(name, l.Codes)
}

func (l *LevelList) walk(c coder) {
	n := c.count("", 1, 2, len(l.List), &l.Quality)
	if p := c.pool(); p != nil {
		l.List = take(&p.levels, n)
	}
	walkList(c, "level_list", &l.List, func(a *AlarmLevel) {
		c.code("bit", &a.Bit)
		c.code("level", &a.Level)
	})
}

// flags returns the alarm flags; false when the field is marked abnormal or
// invalid.
func (u *Alarm) flags() (uint32, bool) { return u.Flags, u.Flags < math.MaxUint32-1 }

// severity is a level as ISO 14229 says it: 20 maintenance only, 40 check at the
// next halt, 80 check immediately. It is nil for no alarm and unknown levels.
func severity(level uint8) *uint8 {
	if level < 1 || level > 3 {
		return nil
	}
	s := uint8(0x10) << level
	return &s
}

// Codes returns the alarms of a real-time frame as trouble codes of its vehicle:
// one for each general alarm that is set and for each fault listed. It is false
// when the frame says nothing about alarms at a known time. The set is that of all
// confirmed codes; of none (vehicle.CoversNone) when the flags are marked as
// abnormal or invalid, which leaves the faults listed, or the lists are cut.
//
// The severity is that of the alarm in the edition of 2025, else of the highest
// level.
func (f *Frame) Codes() (vehicle.CodeReport, bool) {
	if !f.measured() {
		return vehicle.CodeReport{}, false
	}
	set := codeSet{at: map[vehicle.Code]int{}, covers: vehicle.CodeConfirmed}
	found := false
	for _, u := range f.signed() {
		if a, ok := u.(*Alarm); ok {
			set.add(a)
			found = true
		}
	}
	if set.covers == vehicle.CoversNone && len(set.codes) == 0 {
		found = false
	}
	return vehicle.CodeReport{
		Time: f.Time.UTC(), TimeSource: vehicle.TimeFromDevice, ECU: "GBT",
		Covers: []vehicle.CodeStatus{set.covers}, Codes: set.codes, Broadcast: true,
	}, found
}

// codeSet holds each code once, with its highest severity.
type codeSet struct {
	codes  []vehicle.CodeEntry
	at     map[vehicle.Code]int
	covers vehicle.CodeStatus
}

// add takes the codes of a unit.
func (s *codeSet) add(a *Alarm) {
	flags, ok := a.flags()
	if !ok {
		flags, s.covers = 0, vehicle.CoversNone
	}
	if a.Cut { // a code that is absent would count as gone
		s.covers = vehicle.CoversNone
	}
	levels := [32]uint8{}
	for bit := range levels {
		levels[bit] = a.MaxLevel
	}
	for _, l := range a.Levels.List {
		if int(l.Bit) < len(levels) && l.Level <= 3 {
			levels[l.Bit] = l.Level
		}
	}
	for bit := range uint8(32) {
		if flags>>bit&1 == 1 {
			s.put(vehicle.CodeFromAlarm(bit), levels[bit])
		}
	}
	for _, list := range []struct {
		letter byte
		codes  []uint32
	}{{'S', a.Storage.Codes}, {'M', a.Motor.Codes}, {'E', a.Engine.Codes}, {'O', a.Other.Codes}} {
		for _, code := range list.codes {
			s.put(vehicle.CodeFromFault(list.letter, code), a.MaxLevel)
		}
	}
}

func (s *codeSet) put(code vehicle.Code, level uint8) {
	entry := vehicle.CodeEntry{Code: code, Status: vehicle.CodeConfirmed, Severity: severity(level)}
	at, twice := s.at[code]
	if !twice {
		s.at[code] = len(s.codes)
		s.codes = append(s.codes, entry)
		return
	}
	if old := s.codes[at].Severity; entry.Severity != nil && (old == nil || *old < *entry.Severity) {
		s.codes[at] = entry
	}
}
