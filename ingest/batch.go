package ingest

import (
	"cmp"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// origin says which sample of which message of the batch a record is.
type origin struct {
	vin          vehicle.VIN
	at           int64 // event time, Unix ns
	item, sample int32
}

// recordsOf lists the samples of a batch by vehicle and time: stores are several
// times cheaper per sample when those of one vehicle are together. Samples of
// the same vehicle and time stay in the order of receipt, so the last one wins.
func recordsOf(batch []*item) ([]telemetry.Record, []origin) {
	n := 0
	for _, it := range batch {
		n += len(it.report.Samples)
	}
	if n == 0 {
		return nil, nil
	}
	origins := make([]origin, 0, n)
	for i, it := range batch {
		for j := range it.report.Samples {
			origins = append(origins, origin{it.report.VIN, it.report.Samples[j].Time.UnixNano(), int32(i), int32(j)})
		}
	}
	slices.SortFunc(origins, func(a, b origin) int {
		return cmp.Or(cmp.Compare(a.vin, b.vin), cmp.Compare(a.at, b.at), cmp.Compare(a.item, b.item), cmp.Compare(a.sample, b.sample))
	})
	records := make([]telemetry.Record, n)
	for k, o := range origins {
		it := batch[o.item]
		records[k] = telemetry.Record{VIN: o.vin, Received: it.Received, Sample: it.report.Samples[o.sample]}
	}
	return records, origins
}

// factsOf lists what a batch says beside samples, and the days it has data for,
// urgent or not. It is called when the samples are durable: see markMemory.
func (c *committer) factsOf(batch []*item) (b Batch, touched map[vehicleDay]bool) {
	touched = make(map[vehicleDay]bool, len(batch))
	b.Seen = make([]Seen, 0, len(batch))
	for _, it := range batch {
		for _, r := range it.refused {
			b.Refused = append(b.Refused, r.Refused)
		}
		if it.settled != nil {
			b.Released = append(b.Released, Released{Topic: it.Topic, Payload: it.Payload})
		}
		if it.report.VIN == "" {
			continue
		}
		b.Seen = append(b.Seen, seenOf(it))
		for i := range it.report.Codes {
			if report := &it.report.Codes[i]; !c.repeats.isKnown(it.report.VIN, report) {
				b.Codes = append(b.Codes, CodeFact{VIN: it.report.VIN, Received: it.Received, Report: *report})
			}
		}
		if fact, ok := c.clocks.of(it); ok {
			b.Clocks = append(b.Clocks, fact)
		}
		c.touch(touched, it)
	}
	return b, touched
}

// touch notes the days a message has data for, and whether they are urgent.
func (c *committer) touch(touched map[vehicleDay]bool, it *item) {
	key := vehicleDay{vin: it.report.VIN}
	note := func(at time.Time, first bool) {
		day := vehicle.DayOf(at)
		if !first && day == key.day {
			return // an upload has thousands of samples of one day
		}
		key.day = day
		if _, known := touched[key]; !known {
			touched[key] = false
		}
	}
	for i := range it.report.Samples {
		note(it.report.Samples[i].Time, i == 0)
	}
	for i := range it.report.Codes {
		note(it.report.Codes[i].Time, i == 0)
	}
	if day, urgent := c.urgency.of(it); urgent {
		touched[vehicleDay{it.report.VIN, day}] = true
	}
}

func seenOf(it *item) Seen {
	r := &it.report
	s := Seen{VIN: r.VIN, Received: it.Received, Boot: r.Boot, Seq: r.Seq, Retained: it.Retained, Online: r.Online}
	for i := range r.Samples {
		sample := &r.Samples[i]
		s.LastEvent = later(s.LastEvent, sample.Time)
		for _, reading := range sample.Readings {
			if isAttribute(reading) {
				s.addAttribute(Attribute{Signal: reading.Signal, Value: reading.Value, Time: sample.Time})
			}
		}
	}
	for i := range r.Codes {
		s.LastEvent = later(s.LastEvent, r.Codes[i].Time)
	}
	return s
}

// addAttribute keeps the newest value of each signal.
func (s *Seen) addAttribute(a Attribute) {
	for i := range s.Attributes {
		if s.Attributes[i].Signal == a.Signal {
			if !a.Time.Before(s.Attributes[i].Time) {
				s.Attributes[i] = a
			}
			return
		}
	}
	s.Attributes = append(s.Attributes, a)
}

// isAttribute reports whether a reading says what the vehicle is.
func isAttribute(r vehicle.Reading) bool {
	s := r.Signal
	return r.Quality == vehicle.QualityOK && (s == vehicle.Brand || s == vehicle.Model || s == vehicle.ModelYear ||
		s == vehicle.PowertrainType || s == vehicle.SupportedFuel)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
