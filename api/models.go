package api

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

const (
	listedEvents = 100
	defaultWeeks = 26
	maxWeeks     = 104 // outcomes are kept for two years
)

type modelling struct {
	pitcrewv1.UnimplementedModelServiceServer
	o Options
}

func (s modelling) ListModels(ctx context.Context, _ *pitcrewv1.ListModelsRequest) (*pitcrewv1.ListModelsResponse, error) {
	versions, err := s.o.Queries.Models(ctx)
	if err != nil {
		return nil, err
	}
	events, err := s.o.Queries.ModelEvents(ctx)
	if err != nil {
		return nil, err
	}
	out := &pitcrewv1.ListModelsResponse{
		Models: each(versions, encodeModel), InForce: models.Expert, Held: s.o.Planner.HoldsModels(events),
		Events: each(events[:min(len(events), listedEvents)], encodeModelEvent),
	}
	for _, v := range versions {
		if v.State == models.Active {
			out.InForce = v.Prior.Version
		}
	}
	return out, nil
}

func (s modelling) GetModel(ctx context.Context, req *pitcrewv1.GetModelRequest) (*pitcrewv1.Model, error) {
	v, err := s.o.Queries.Model(ctx, req.GetVersion())
	if err != nil {
		return nil, err
	}
	out := encodeModel(v)
	for _, spec := range s.o.Table.Specs() { // in the order of the table
		l, ok := v.Prior.Components[spec.Component]
		if !ok {
			continue
		}
		out.Components = append(out.Components, &pitcrewv1.ModelComponent{
			Component: string(spec.Component), Name: text(spec.Name), RatePer_1000Km: l.RatePer1000Km, Cv: l.CV, Units: int32(l.Units), FailsAt: l.FailsAt,
		})
	}
	return out, nil
}

func (s modelling) CompareModels(ctx context.Context, req *pitcrewv1.CompareModelsRequest) (*pitcrewv1.ModelComparison, error) {
	c, err := s.o.Planner.CompareModels(ctx, req.GetVersion(), req.GetAgainst())
	if err != nil {
		return nil, err
	}
	return encodeComparison(c), nil
}

func (s modelling) PromoteModel(ctx context.Context, req *pitcrewv1.PromoteModelRequest) (*pitcrewv1.ModelEvent, error) {
	e, err := s.o.Planner.PromoteModel(ctx, req.GetVersion(), actorOf(req), req.GetNote())
	if err != nil {
		return nil, err
	}
	return encodeModelEvent(e), nil
}

func (s modelling) RollBackModel(ctx context.Context, req *pitcrewv1.RollBackModelRequest) (*pitcrewv1.ModelEvent, error) {
	e, err := s.o.Planner.RollBackModel(ctx, req.GetVersion(), actorOf(req), req.GetNote())
	if err != nil {
		return nil, err
	}
	return encodeModelEvent(e), nil
}

func actorOf(req interface{ GetActor() string }) string {
	return cmp.Or(strings.TrimSpace(req.GetActor()), anonymous)
}

func (s modelling) ListAccuracy(ctx context.Context, req *pitcrewv1.ListAccuracyRequest) (*pitcrewv1.ListAccuracyResponse, error) {
	weeks := cmp.Or(int(req.GetWeeks()), defaultWeeks)
	if weeks < 0 || weeks > maxWeeks {
		return nil, fault.Invalidf("weeks", "%d is not between 1 and %d", weeks, maxWeeks)
	}
	only := predict.Component(req.GetComponent())
	if _, ok := s.o.Table.Of(only); only != "" && !ok {
		return nil, fault.Invalidf("component", "there is no component %q in the table", only)
	}
	tallies, err := s.o.Queries.Tallies(ctx, only, s.o.Now().Add(-time.Duration(weeks)*7*24*time.Hour))
	if err != nil {
		return nil, err
	}
	out := &pitcrewv1.ListAccuracyResponse{}
	add := func(t models.Tally) { out.Accuracy = append(out.Accuracy, encodeTally(s.o.Table, t)) }
	if req.GetByWeek() {
		for _, t := range tallies {
			add(t)
		}
		return out, nil
	}
	byHorizon := models.Sum(tallies, true)
	for _, all := range models.Sum(tallies, false) {
		add(all)
		for _, t := range byHorizon {
			if t.Component == all.Component {
				add(t)
			}
		}
	}
	return out, nil
}

func encodeModel(v models.Version) *pitcrewv1.Model {
	out := &pitcrewv1.Model{
		Version: v.Prior.Version, State: string(v.State), Learned: stamp(v.Learned), Vehicles: int32(v.Vehicles), Paths: int32(v.Paths),
		Since: stamp(v.Since), InForce: stamp(v.InForce), KmPerDay: v.Prior.Usage.KmPerDay, KmPerDayCv: v.Prior.Usage.CV,
	}
	if r := v.Report; !r.At.IsZero() {
		out.Report = &pitcrewv1.ModelReport{At: stamp(r.At), Step: string(r.Step), Why: text(r.Why), Comparison: encodeComparison(r.Comparison)}
	}
	return out
}

func encodeModelEvent(e models.Event) *pitcrewv1.ModelEvent {
	return &pitcrewv1.ModelEvent{
		At: stamp(e.At), Action: string(e.Action), Version: e.Version, Replaced: e.Replaced, Actor: e.Actor, Note: e.Note,
	}
}

func encodeComparison(c models.Comparison) *pitcrewv1.ModelComparison {
	score := func(s models.Score) *pitcrewv1.ModelScore {
		return &pitcrewv1.ModelScore{Pinball: s.Pinball, Interval: s.Interval, Coverage: s.Coverage}
	}
	return &pitcrewv1.ModelComparison{
		Against: c.Against, Vehicles: int32(c.Vehicles), Lives: int32(c.Lives), Questions: int32(c.Questions), Censored: int32(c.Censored),
		Candidate: score(c.Candidate), Rival: score(c.Rival), WorseLow: c.WorseBy.Low, WorseHigh: c.WorseBy.High,
	}
}

// encodeTally leaves figures of nothing at 0: JSON has no NaN.
func encodeTally(table *predict.Table, t models.Tally) *pitcrewv1.Accuracy {
	out := &pitcrewv1.Accuracy{
		Component: string(t.Component), Horizon: int32(t.Horizon), Week: stamp(t.Week),
		BelowP10: int32(t.Truths[models.BelowP10]), BelowP50: int32(t.Truths[models.BelowP50]),
		BelowP90: int32(t.Truths[models.BelowP90]), AboveP90: int32(t.Truths[models.AboveP90]),
		Censored: int32(t.Renewed()), Known: int32(t.Known()), Dated: int32(t.Ended), Off: t.Off(),
	}
	if spec, ok := table.Of(t.Component); ok {
		out.Name = text(spec.Name)
	}
	if t.Known() > 0 {
		out.Coverage = t.Coverage()
	}
	if t.Ended > 0 {
		out.MeanAbsDays = t.MAE()
	}
	return out
}
