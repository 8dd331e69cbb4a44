package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

type odometers struct {
	pitcrewv1.UnimplementedOdometerServiceServer
	o Options
}

// States of a reading on the wire.
const (
	readingAccepted = "accepted"
	readingRefused  = "refused"
)

// ListOdometer pages through the readings, newest first. The ledger is made of all of
// them each time: some thousands at most.
func (s odometers) ListOdometer(ctx context.Context, req *pitcrewv1.ListOdometerRequest) (*pitcrewv1.ListOdometerResponse, error) {
	vin, err := vinOf(req.GetVin())
	if err != nil {
		return nil, err
	}
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	if err := oneOf("state", req.GetState(), readingAccepted, readingRefused); err != nil {
		return nil, err
	}
	o, err := s.o.Planner.Odometer(ctx, vin)
	if err != nil {
		return nil, err
	}
	readings := slices.DeleteFunc(encodeReadings(o), func(r *pitcrewv1.OdometerReading) bool {
		return req.GetState() != "" && r.GetState() != req.GetState()
	})
	start := 0
	if page.After != "" { // the id of the last reading of the page before
		start = 1 + slices.IndexFunc(readings, func(r *pitcrewv1.OdometerReading) bool { return r.GetId() == page.After })
		if start == 0 {
			return nil, fault.Invalidf("pageToken", "the list has changed since, or this is not a token that a page before answered with: begin again")
		}
	}
	end := min(start+page.Size, len(readings))
	out := &pitcrewv1.ListOdometerResponse{Odometer: encodeOdometer(vin, o), Readings: readings[start:end]}
	if end < len(readings) {
		out.NextPageToken = readings[end-1].GetId()
	}
	return out, nil
}

// deciding is a request that decides about a reading.
type deciding interface {
	GetVin() string
	GetReading() string
	GetTime() *timestamppb.Timestamp
	GetActor() string
	GetNote() string
}

func (s odometers) AcceptOdometer(ctx context.Context, req *pitcrewv1.AcceptOdometerRequest) (*pitcrewv1.Odometer, error) {
	return s.decide(ctx, req, planner.OdometerCommand{Verdict: vehicle.AcceptReading})
}

func (s odometers) VoidOdometer(ctx context.Context, req *pitcrewv1.VoidOdometerRequest) (*pitcrewv1.Odometer, error) {
	return s.decide(ctx, req, planner.OdometerCommand{Verdict: vehicle.VoidReading})
}

func (s odometers) CorrectOdometer(ctx context.Context, req *pitcrewv1.CorrectOdometerRequest) (*pitcrewv1.Odometer, error) {
	if req.TotalKm == nil {
		return nil, fault.Invalidf("totalKm", "say how far the vehicle had gone in all, in km")
	}
	return s.decide(ctx, req, planner.OdometerCommand{Verdict: vehicle.CorrectReading, TotalKm: req.GetTotalKm()})
}

func (s odometers) WithdrawOdometer(ctx context.Context, req *pitcrewv1.WithdrawOdometerRequest) (*pitcrewv1.Odometer, error) {
	return s.decide(ctx, req, planner.OdometerCommand{Verdict: vehicle.WithdrawDecision})
}

func (s odometers) decide(ctx context.Context, req deciding, cmd planner.OdometerCommand) (*pitcrewv1.Odometer, error) {
	vin, err := vinOf(req.GetVin())
	if err != nil {
		return nil, err
	}
	if req.GetTime() != nil && req.GetTime().CheckValid() != nil {
		return nil, fault.Invalidf("time", "is not a time")
	}
	cmd.Reading, cmd.Time = req.GetReading(), moment(req.GetTime())
	cmd.By, cmd.Note = cmp.Or(strings.TrimSpace(req.GetActor()), anonymous), req.GetNote()
	o, err := s.o.Planner.DecideOdometer(ctx, vin, cmd)
	if err != nil {
		return nil, err
	}
	return encodeOdometer(vin, o), nil
}

func encodeOdometer(vin vehicle.VIN, o planner.Odometer) *pitcrewv1.Odometer {
	out := &pitcrewv1.Odometer{
		Vin: string(vin), Accepted: int32(len(o.Accepted)), Undecided: int32(o.Undecided()),
		Segments: each(o.Segments, func(s vehicle.OdometerSegment) *pitcrewv1.OdometerSegment {
			return &pitcrewv1.OdometerSegment{Start: stamp(s.Start), OffsetKm: s.Offset / 1000, Kind: wireWord(s.Kind), Why: text(s.Why)}
		}),
	}
	if newest, ok := o.Current(); ok {
		out.TotalKm, out.TotalAt = newest.Total/1000, stamp(newest.Time)
	}
	inForce := map[string]time.Time{}
	for _, d := range vehicle.DecisionsInForce(o.Decisions) {
		inForce[d.Reading.ID()] = d.At
	}
	for _, d := range slices.Backward(o.Decisions) {
		out.Decisions = append(out.Decisions, &pitcrewv1.OdometerDecision{
			Reading: d.Reading.ID(), Time: stamp(d.Reading.Time), Source: wireWord(d.Reading.Source), DialKm: d.Reading.Metres / 1000,
			Verdict: string(d.Verdict), TotalKm: d.Metres / 1000, Decided: stamp(d.At), By: d.By, Note: d.Note,
			InForce: inForce[d.Reading.ID()].Equal(d.At),
		})
	}
	return out
}

// encodeReadings lists the readings newest first; of one time the accepted ones first.
func encodeReadings(o planner.Odometer) []*pitcrewv1.OdometerReading {
	type timed struct {
		at time.Time
		*pitcrewv1.OdometerReading
	}
	decided := map[string]bool{}
	corrections := map[int64]string{} // by the time they are about
	for _, d := range vehicle.DecisionsInForce(o.Decisions) {
		decided[d.Reading.ID()] = true
		if d.Verdict == vehicle.CorrectReading {
			corrections[d.Reading.Time.UnixNano()] = d.Reading.ID()
		}
	}
	var all []timed
	add := func(r vehicle.OdometerReading, state string) *pitcrewv1.OdometerReading {
		out := &pitcrewv1.OdometerReading{
			Id: r.ID(), Time: stamp(r.Time), Source: wireWord(r.Source), Value: r.Raw, Unit: string(r.Unit), DialKm: r.Metres / 1000, State: state,
		}
		if decided[out.Id] {
			out.Decision = out.Id
		}
		all = append(all, timed{r.Time, out})
		return out
	}
	for _, a := range o.Accepted {
		r := add(a.OdometerReading, readingAccepted)
		r.TotalKm = a.Total / 1000
		if a.By != "" && r.GetDecision() == "" {
			r.Decision = corrections[a.Time.UnixNano()]
		}
	}
	for _, x := range o.Refused {
		r := add(x.Reading, readingRefused)
		r.Kind, r.Reason = wireWord(x.Kind), text(x.Reason)
	}
	slices.SortStableFunc(all, func(a, b timed) int { return b.at.Compare(a.at) })
	return each(all, func(t timed) *pitcrewv1.OdometerReading { return t.OdometerReading })
}

// wireWord is a term of the ledger as one word.
func wireWord[S ~string](s S) string { return strings.ReplaceAll(string(s), " ", "_") }
