package tablefile

import (
	"fmt"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// field is one value of a row: how it is read and written.
type field struct {
	name  string // path in the row: "plan.km"
	help  string
	read  func(s *predict.Spec, n *yaml.Node) error
	write func(s *predict.Spec) any // nil: it stands at its default and is left out
}

// fields are all values of a row, in the order in which they are written.
var fields = []field{
	word("component", "id; one of the table is changed, another is added", func(s *predict.Spec) *predict.Component { return &s.Component }),
	word("name.en", "what people call it", func(s *predict.Spec) *string { return &s.Name.EN }),
	word("name.zh", "the same in Chinese", func(s *predict.Spec) *string { return &s.Name.ZH }),
	words("powertrains", "petrol, diesel, hybrid, battery_electric; without it every vehicle has one", func(s *predict.Spec) *powertrains { return &s.Powertrains }),
	yes("optional", "true: only some of these vehicles have one, told by a record or a reading", func(s *predict.Spec) *bool { return &s.Optional }),
	number("plan.km", "the plan renews it after so many km", func(s *predict.Spec) *float64 { return &s.PlanKm }),
	whole("plan.months", "or after so many months", func(s *predict.Spec) *int { return &s.PlanMonths }),
	words("sensor.signals", "VSS signals that show its wear; the worst of them decides", func(s *predict.Spec) *signals { return &s.Sensor.Signals }),
	word("sensor.daily", "value of the day that counts: last, min, max or mean", func(s *predict.Spec) *predict.Daily { return &s.Sensor.Daily }),
	number("sensor.new", "value when new, in the unit of the signal", func(s *predict.Spec) *float64 { return &s.Sensor.Scale.New }),
	number("sensor.limit", "value at the limit; below new if it falls, above if it rises", func(s *predict.Spec) *float64 { return &s.Sensor.Scale.Limit }),
	number("sensor.noise", "standard deviation of one reading; a share of the value where log", func(s *predict.Spec) *float64 { return &s.Sensor.Scale.Noise }),
	yes("sensor.log", "true: equal ratios are equal wear", func(s *predict.Spec) *bool { return &s.Sensor.Scale.Log }),
	number("sensor.low", "values below are no readings", func(s *predict.Spec) *float64 { return &s.Sensor.Low }),
	number("sensor.high", "values above are no readings", func(s *predict.Spec) *float64 { return &s.Sensor.High }),
	word("gauge.unit", "what workshops measure it in: mm, percent, V", func(s *predict.Spec) *string { return &s.Scale.Unit }),
	number("gauge.new", "measured when new", func(s *predict.Spec) *float64 { return &s.Scale.New }),
	number("gauge.limit", "measured at the limit", func(s *predict.Spec) *float64 { return &s.Scale.Limit }),
	number("gauge.noise", "standard deviation of one measurement", func(s *predict.Spec) *float64 { return &s.Scale.Noise }),
	yes("gauge.log", "true: equal ratios are equal wear", func(s *predict.Spec) *bool { return &s.Scale.Log }),
	number("life.shape", "of the Weibull law of a part that shows no wear", func(s *predict.Spec) *float64 { return &s.Life.Shape }),
	number("life.km", "by which 63 % have failed, at 15,000 km a year", func(s *predict.Spec) *float64 { return &s.Life.Km }),
	number("prior.rate_per_1000_km", "median share of its life that 1,000 km take, at 15,000 km a year", func(s *predict.Spec) *float64 { return &s.RatePer1000Km }),
	number("prior.rate_cv", "how much vehicles differ in that: standard deviation by mean", func(s *predict.Spec) *float64 { return &s.RateCV }),
	number("prior.calendar_share", "share of its wear that runs with the date, 0 to 1", func(s *predict.Spec) *float64 { return &s.CalendarShare }),
	word("prior.clock", "what wears it beside the date: nothing for km, else oil, revolutions, braking, tread, starts or throughput", func(s *predict.Spec) *predict.Clock { return &s.Clock }),
	yes("prior.ages_by_heat", "true: its date runs faster in warmth, as for a battery", func(s *predict.Spec) *bool { return &s.AgesByHeat }),
	yes("prior.smooth", "true: it wears by chemistry, smoothly, at a pace that may change over its life", func(s *predict.Spec) *bool { return &s.Smooth }),
	number("prior.shape", "1: it wears evenly; above: faster and faster; below: slower and slower", func(s *predict.Spec) *float64 { return &s.Shape }),
	words("prior.forms", "instead, how it may wear, all as likely: linear, power P, root+linear SHARE, exponential K", func(s *predict.Spec) *names { return &s.Forms }),
	number("prior.regen", "factor on the rate where a motor brakes; 0 is 1", func(s *predict.Spec) *float64 { return &s.Regen }),
	number("fill_litres", "litres that it holds, where a top-up is a partial renewal; 0: none is", func(s *predict.Spec) *float64 { return &s.FillLitres }),
	number("limits.amber", "wear from which it is worth planning; 1 is the limit", func(s *predict.Spec) *float64 { return &s.Amber }),
	number("limits.red", "wear from which it is due", func(s *predict.Spec) *float64 { return &s.Red }),
	number("limits.stop", "wear from which the vehicle must not be driven; 0: none", func(s *predict.Spec) *float64 { return &s.Stop }),
	word("safety", "what happens when it is late: safety, damage, breakdown or comfort", func(s *predict.Spec) *predict.Safety { return &s.Safety }),
	words("reset_by", "other names of the service item that renews it", func(s *predict.Spec) *names { return &s.ResetBy }),
	words("renews", "what else of the table the same work renews", func(s *predict.Spec) *components { return &s.Renews }),
	word("job.code", "operation code of the work", func(s *predict.Spec) *string { return &s.Job.Code }),
	word("job.text.en", "the work", func(s *predict.Spec) *string { return &s.Job.Text.EN }),
	word("job.text.zh", "the same in Chinese", func(s *predict.Spec) *string { return &s.Job.Text.ZH }),
	number("job.hours.min", "hours it takes", func(s *predict.Spec) *float64 { return &s.Job.HoursMin }),
	number("job.hours.max", "at most", func(s *predict.Spec) *float64 { return &s.Job.HoursMax }),
	word("job.part.en", "what is fitted, if anything", func(s *predict.Spec) *string { return &s.Job.Part.EN }),
	word("job.part.zh", "the same in Chinese", func(s *predict.Spec) *string { return &s.Job.Part.ZH }),
	number("job.quantity", "how many of it", func(s *predict.Spec) *float64 { return &s.Job.Quantity }),
}

// fieldOf finds a field by its path.
func fieldOf(name string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

func number(name, help string, of func(s *predict.Spec) *float64) field {
	return value(name, help, of, "a number", decoded)
}

func whole(name, help string, of func(s *predict.Spec) *int) field {
	return value(name, help, of, "a whole number", func(n *yaml.Node) (int, bool) {
		v, err := strconv.Atoi(n.Value)
		return v, n.Kind == yaml.ScalarNode && err == nil
	})
}

func yes(name, help string, of func(s *predict.Spec) *bool) field {
	return value(name, help, of, "true or false", decoded)
}

func word[T ~string](name, help string, of func(s *predict.Spec) *T) field {
	return value(name, help, of, "a text", func(n *yaml.Node) (T, bool) { return T(n.Value), filled(n) })
}

// value is a field of one value, which zero leaves out.
func value[T comparable](name, help string, of func(s *predict.Spec) *T, want string, read func(n *yaml.Node) (T, bool)) field {
	return field{name, help,
		func(s *predict.Spec, n *yaml.Node) error {
			v, ok := read(n)
			if !ok {
				return wanted(n, want)
			}
			*of(s) = v
			return nil
		},
		func(s *predict.Spec) any {
			var zero T
			if v := *of(s); v != zero {
				return v
			}
			return nil
		},
	}
}

// decoded reads a value as YAML has it.
func decoded[T any](n *yaml.Node) (v T, ok bool) {
	ok = filled(n) && n.Decode(&v) == nil
	return v, ok
}

func words[L ~[]T, T ~string](name, help string, of func(s *predict.Spec) *L) field {
	return field{name, help,
		func(s *predict.Spec, n *yaml.Node) error {
			if n.Kind != yaml.SequenceNode {
				return wanted(n, "a list, such as [a, b]")
			}
			var list L
			for _, item := range n.Content {
				if !filled(item) {
					return wanted(item, "a text")
				}
				list = append(list, T(item.Value))
			}
			*of(s) = list
			return nil
		},
		func(s *predict.Spec) any {
			if v := *of(s); len(v) > 0 {
				return []T(v)
			}
			return nil
		},
	}
}

// filled reports whether a value stands there.
func filled(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag != "!!null" }

// wanted says what stands there, and what is wanted instead.
func wanted(n *yaml.Node, what string) error {
	switch {
	case n.Kind == yaml.MappingNode:
		return fmt.Errorf("is a group of fields: want %s", what)
	case n.Kind == yaml.SequenceNode:
		return fmt.Errorf("is a list: want %s", what)
	case n.Value == "":
		return fmt.Errorf("is empty: want %s", what)
	}
	return fmt.Errorf("%q: want %s", n.Value, what)
}
