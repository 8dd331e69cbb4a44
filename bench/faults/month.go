package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// month is what a simulated fleet says and its workshops write down within some
// weeks, each thing at its time.
type month struct {
	fleet      *simulator.Fleet
	start, end time.Time
	events     []event // in order of at
}

// event is a message of a car or the record of a visit.
type event struct {
	at      time.Time // when it happened
	topic   string
	payload []byte
	record  *history.Record // nil: a message
}

// delivery is an event that reaches pitcrew at a time: at once, late, or again.
type delivery struct {
	event
	received time.Time
}

// newMonth simulates cars for some days. The stored days that the simulator tells
// in one message each are taken apart: a message for every moment.
func newMonth(seed uint64, cars, days int) (*month, error) {
	start := time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC)
	fleet, err := simulator.New(simulator.Config{Seed: seed, Vehicles: cars, Epoch: start, HistoryDays: days})
	if err != nil {
		return nil, err
	}
	m := &month{fleet: fleet, start: fleet.Epoch(), end: fleet.End()}
	for car := range fleet.Len() {
		seq := map[string]uint64{} // by boot
		for told := range fleet.History(car, m.start, m.end) {
			events, err := takeApart(fleet.Profile(car).VIN, told, seq)
			if err != nil {
				return nil, err
			}
			m.events = append(m.events, events...)
		}
		m.events = append(m.events, visitsOf(fleet, car)...)
	}
	slices.SortStableFunc(m.events, func(a, b event) int { return a.at.Compare(b.at) })
	return m, nil
}

// takeApart makes a message of each sample and each set of codes.
func takeApart(vin vehicle.VIN, told simulator.Message, seq map[string]uint64) ([]event, error) {
	decode, kind := jsonmsg.DecodeTelemetry, obd.Telemetry
	if told.Topic == obd.Topic(vin, obd.DTC) {
		decode, kind = jsonmsg.DecodeCodes, obd.DTC
	}
	report, refused, err := decode(vin, told.Payload, told.Time)
	if err != nil || len(refused) > 0 {
		return nil, fmt.Errorf("read what the simulator says: %w, refused %v", err, refused)
	}
	next := func() uint64 { seq[report.Boot]++; return seq[report.Boot] }
	var events []event
	for _, s := range report.Samples {
		one := vehicle.Report{Boot: report.Boot, Seq: next(), Samples: []vehicle.Sample{s}}
		events = append(events, event{at: s.Time, topic: obd.Topic(vin, kind), payload: jsonmsg.AppendTelemetry(nil, one)})
	}
	for _, c := range report.Codes {
		events = append(events, event{at: c.Time, topic: obd.Topic(vin, kind), payload: jsonmsg.AppendCodes(nil, report.Boot, next(), c)})
	}
	return events, nil
}

func visitsOf(fleet *simulator.Fleet, car int) []event {
	vin := fleet.Profile(car).VIN
	var events []event
	for n, visit := range fleet.Visits(car) {
		rec := history.Record{
			ID: fmt.Sprintf("%s-%d", vin, n), VIN: vin, Visited: visit.Time, OdometerKm: visit.OdometerKm,
			Source: history.FromDealer, SourceID: fmt.Sprintf("%s-%d", vin, n), Shop: visit.Shop,
		}
		for _, item := range visit.Items {
			rec.Items = append(rec.Items, history.Item{Component: item})
		}
		for _, m := range visit.Measurements {
			rec.Measurements = append(rec.Measurements, history.Measurement{Component: m.Component, Value: m.Value, Unit: m.Unit})
		}
		events = append(events, event{at: visit.Time, record: &rec})
	}
	return events
}

// How often deliveries are disturbed.
const (
	repeated = 0.20 // come a second time, up to two days later
	held     = 0.05 // are held back for up to 30 days
)

// inOrder delivers every event two seconds after it happened.
func (m *month) inOrder() []delivery {
	out := make([]delivery, len(m.events))
	for i, e := range m.events {
		out[i] = delivery{e, e.at.Add(2 * time.Second)}
	}
	return out
}

// disturbed delivers the events shuffled by two hours, a fifth of them twice, and
// one in twenty late by up to 30 days. All of it has come by the end.
func (m *month) disturbed(seed uint64) []delivery {
	rng := rand.New(rand.NewPCG(seed, 3))
	upTo := func(d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d))) }
	var out []delivery
	deliver := func(e event, after time.Duration) {
		at := e.at.Add(after)
		if at.After(m.end) {
			at = e.at.Add(upTo(max(m.end.Sub(e.at), 1)))
		}
		out = append(out, delivery{e, at})
	}
	for _, e := range m.events {
		delay := 2*time.Second + upTo(2*time.Hour)
		if rng.Float64() < held {
			delay = upTo(30 * 24 * time.Hour)
		}
		deliver(e, delay)
		if rng.Float64() < repeated {
			deliver(e, delay+upTo(48*time.Hour))
		}
	}
	slices.SortStableFunc(out, func(a, b delivery) int { return a.received.Compare(b.received) })
	return out
}

// atTheEnd delivers everything at the end, in any order, a fifth of it twice: cars
// that were without a network for the whole time.
func (m *month) atTheEnd(seed uint64) []delivery {
	rng := rand.New(rand.NewPCG(seed, 5))
	var out []delivery
	for _, e := range m.events {
		out = append(out, delivery{e, m.end})
		if rng.Float64() < repeated {
			out = append(out, delivery{e, m.end})
		}
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// disorder counts how a list of deliveries differs from the order of events.
type disorder struct {
	deliveries, twice, behind, days int // behind another one that happened later; by a day or more
	most                            time.Duration
}

func disorderOf(list []delivery) disorder {
	d := disorder{deliveries: len(list)}
	seen := make(map[string]bool, len(list))
	var newest time.Time
	for _, x := range list {
		key := x.topic + string(x.payload)
		if x.record != nil {
			key = x.record.ID
		}
		if seen[key] {
			d.twice++
		}
		seen[key] = true
		switch {
		case x.record != nil: // some are of years ago
		case x.at.Before(newest):
			d.behind++
		default:
			newest = x.at
		}
		if late := x.received.Sub(x.at); x.record == nil && late >= 24*time.Hour {
			d.days++
			d.most = max(d.most, late)
		}
	}
	return d
}

func (d disorder) String() string {
	return fmt.Sprintf("%d deliveries: %d a second time, %d behind a later one, %d late by a day or more, at most %.1f days",
		d.deliveries, d.twice, d.behind, d.days, d.most.Hours()/24)
}
