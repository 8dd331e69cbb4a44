package ingest

import (
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// freshFor is the age up to which data can be urgent. Older data comes from an
	// upload: whoever was driving has long stopped.
	freshFor = time.Hour

	// Stop-level values. An engine boils over from about 120 °C under pressure.
	// Below 11.5 V with the engine running the alternator gives nothing, and the
	// car will stop when the battery is empty.
	overheated  = 120.0 // °C
	lowVoltage  = 11.5  // V
	engineRuns  = 500.0 // rpm; a starter turns at 200-300 and pulls a good battery below 10 V
	sameMoment  = time.Minute
	alarmRepeat = 10 * time.Minute // while a value stays at stop level

	rememberedVehicles = 1 << 16
)

// urgency decides what cannot wait for the next planning round: a confirmed
// trouble code that the vehicle did not have, or a value at stop level. It
// forgets with the process; then a vehicle's next report of codes is urgent
// once more, which costs one round.
type urgency struct {
	vehicles *lru.LRU[vehicle.VIN, *alarmState]
}

// alarmState is what is known of one vehicle.
type alarmState struct {
	confirmed map[string]codeSet           // by ECU
	alarms    map[vehicle.Signal]time.Time // event time of the last urgent value
}

type codeSet struct {
	at    time.Time
	codes []vehicle.Code
}

func newUrgency() (*urgency, error) {
	vehicles, err := lru.NewLRU[vehicle.VIN, *alarmState](rememberedVehicles, nil)
	if err != nil {
		return nil, err
	}
	return &urgency{vehicles: vehicles}, nil
}

// of returns the day a message makes urgent, if it does.
func (u *urgency) of(it *item) (vehicle.Day, bool) {
	if it.Retained {
		return 0, false
	}
	var day vehicle.Day
	urgent := false
	for i := range it.report.Codes {
		if report := &it.report.Codes[i]; fresh(it, report.Time) && u.newCode(it.report.VIN, report) {
			day, urgent = vehicle.DayOf(report.Time), true
		}
	}
	if at, alarm := u.stopLevel(it); alarm {
		day, urgent = vehicle.DayOf(at), true
	}
	return day, urgent
}

func fresh(it *item, event time.Time) bool { return it.Received.Sub(event) <= freshFor }

// newCode remembers the confirmed codes of an ECU and reports whether one of
// them is new. Reports older than the last one change nothing.
func (u *urgency) newCode(vin vehicle.VIN, report *vehicle.CodeReport) bool {
	codes := confirmedCodes(report)
	partial := slices.Contains(report.Covers, vehicle.CoversNone) && !report.Erased
	switch {
	case partial && len(codes) == 0: // readiness, say
		return false
	case !partial && !report.Erased && len(report.Covers) > 0 && !slices.Contains(report.Covers, vehicle.CodeConfirmed):
		return false
	}
	if len(codes) == 0 && !u.vehicles.Contains(vin) {
		return false // most reports of most vehicles: nothing to remember
	}
	state := u.stateOf(vin)
	before := state.confirmed[report.ECU]
	if report.Time.Before(before.at) {
		return false
	}
	if state.confirmed == nil {
		state.confirmed = make(map[string]codeSet)
	}
	known := codes
	if partial { // the others may be there still
		known = slices.Concat(codes, slices.DeleteFunc(slices.Clone(before.codes), func(c vehicle.Code) bool { return slices.Contains(codes, c) }))
	}
	state.confirmed[report.ECU] = codeSet{at: report.Time, codes: known}
	return slices.ContainsFunc(codes, func(c vehicle.Code) bool { return !slices.Contains(before.codes, c) })
}

func confirmedCodes(report *vehicle.CodeReport) []vehicle.Code {
	var codes []vehicle.Code
	for _, c := range report.Codes {
		if c.Status == vehicle.CodeConfirmed {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

// stopLevel reports the first value at stop level that was not reported lately.
func (u *urgency) stopLevel(it *item) (time.Time, bool) {
	var runningAt time.Time
	for i := range it.report.Samples {
		sample := &it.report.Samples[i]
		if !fresh(it, sample.Time) {
			continue
		}
		if rpm, ok := good(sample, vehicle.EngineSpeed); ok {
			runningAt = time.Time{}
			if rpm > engineRuns {
				runningAt = sample.Time
			}
		}
		coolant, ok := good(sample, vehicle.CoolantTemperature)
		if ok && coolant > overheated && u.alarm(it.report.VIN, vehicle.CoolantTemperature, sample.Time) {
			return sample.Time, true
		}
		volts, ok := good(sample, vehicle.LowVoltage)
		running := !runningAt.IsZero() && sample.Time.Sub(runningAt).Abs() <= sameMoment
		if ok && volts < lowVoltage && running && u.alarm(it.report.VIN, vehicle.LowVoltage, sample.Time) {
			return sample.Time, true
		}
	}
	return time.Time{}, false
}

// alarm reports whether a value at stop level is news: a boiling engine sends
// one every second, and planning it once is enough.
func (u *urgency) alarm(vin vehicle.VIN, signal vehicle.Signal, at time.Time) bool {
	state := u.stateOf(vin)
	if last, known := state.alarms[signal]; known && at.Sub(last).Abs() < alarmRepeat {
		return false
	}
	if state.alarms == nil {
		state.alarms = make(map[vehicle.Signal]time.Time)
	}
	state.alarms[signal] = at
	return true
}

func (u *urgency) stateOf(vin vehicle.VIN) *alarmState {
	state, known := u.vehicles.Get(vin)
	if !known {
		state = &alarmState{}
		u.vehicles.Add(vin, state)
	}
	return state
}

// good returns a signal's numeric value in the sample, if it can be trusted.
func good(s *vehicle.Sample, signal vehicle.Signal) (float64, bool) {
	for i := range s.Readings {
		if r := &s.Readings[i]; r.Signal == signal && r.Quality == vehicle.QualityOK {
			return r.Value.Float()
		}
	}
	return 0, false
}
