package telemetry

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// BySignal is the roll-ups of one vehicle by signal: who asks for some signals of many
// days walks over slices instead of looking each signal up in each day.
type BySignal struct {
	// Days are those that have a roll-up, ascending, also where it has no signals.
	Days []vehicle.Day
	// Signals has the days on which a signal had a value, ascending.
	Signals map[vehicle.Signal][]OfDay
}

// OfDay is one signal on one day. Its Count is never 0.
type OfDay struct {
	Day vehicle.Day
	Aggregate
}

// BySignalOf turns the roll-ups of one vehicle, each of another day and in order of
// day.
func BySignalOf(days []DayRollup) BySignal {
	b := BySignal{Signals: map[vehicle.Signal][]OfDay{}}
	for _, r := range days {
		b.Days = append(b.Days, r.Day)
		for s, a := range r.Signals {
			if a.Count > 0 {
				b.Signals[s] = append(b.Signals[s], OfDay{r.Day, a})
			}
		}
	}
	return b
}
