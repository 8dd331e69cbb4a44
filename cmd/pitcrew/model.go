package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// modelCmd works on what the fleet of a running pitcrew has taught.
type modelCmd struct {
	List     modelListCmd     `cmd:"" help:"List the models that are kept, newest first, and what happened to the one in force."`
	Show     modelShowCmd     `cmd:"" help:"Print one model: what it says of each component, and how it compared."`
	Compare  modelCompareCmd  `cmd:"" help:"Ask how a model does beside another one, on parts that came to their end since."`
	Promote  modelPromoteCmd  `cmd:"" help:"Put a model into force."`
	Rollback modelRollbackCmd `cmd:"" help:"Go back to the model that was in force before."`
	Accuracy modelAccuracyCmd `cmd:"" help:"Print how good the forecasts turned out to be, by component and horizon."`
}

func (modelCmd) Help() string {
	return `Once a day the fleet teaches a model: how fast its parts wear and how far its cars drive. A new
one stands in the shadow until enough parts have come to their end since; then it takes over, unless it
is worse by more than its error. 'expert' is the component table, in force before the first.

  pitcrew model list
  pitcrew model compare fleet-1f36fc4a3a62
  pitcrew model rollback --actor Li --note 'tyres come too early'

After a roll back nothing is promoted but by 'pitcrew model promote'. With --model-promote manual,
'pitcrew serve' leaves every promotion to a person.`
}

type modelListCmd struct {
	server `embed:""`

	JSON bool `name:"json" help:"Print JSON, as GET /v1/models has it."`
}

func (c *modelListCmd) Run(s *env) error {
	var all pitcrewv1.ListModelsResponse
	if err := c.get(s.ctx, "/v1/models", &pitcrewv1.ListModelsRequest{}, &all); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, &all)
	}
	out := bufio.NewWriter(s.out)
	fmt.Fprintf(out, "In force: %s\n", all.GetInForce())
	if all.GetHeld() {
		fmt.Fprintln(out, "Nothing is promoted but by 'pitcrew model promote'.")
	}
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if len(all.GetModels()) > 0 {
		fmt.Fprintln(table, "\nMODEL\tSTATE\tLEARNED\tVEHICLES\tPATHS\tCOMPARED")
	}
	for _, m := range all.GetModels() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%s\n", m.GetVersion(), m.GetState(), minute(m.GetLearned()), m.GetVehicles(), m.GetPaths(), m.GetReport().GetWhy().GetEn())
	}
	if len(all.GetEvents()) > 0 {
		fmt.Fprintln(table, "\nWHEN\tWHAT\tMODEL\tBEFORE\tBY\tWHY")
	}
	for _, e := range all.GetEvents() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", minute(e.GetAt()), strings.ReplaceAll(e.GetAction(), "_", " "), e.GetVersion(), e.GetReplaced(), oneLine(e.GetActor()), oneLine(e.GetNote()))
	}
	return flushed(table, out)
}

// minute is a time as people at this machine read it.
func minute(t *timestamppb.Timestamp) string {
	if t == nil {
		return "-"
	}
	return t.AsTime().Local().Format("2006-01-02 15:04")
}

func flushed(table *tabwriter.Writer, out *bufio.Writer) error {
	if err := errors.Join(table.Flush(), out.Flush()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type modelShowCmd struct {
	server `embed:""`

	Model string `arg:"" help:"Its name, as 'pitcrew model list' prints it."`
	JSON  bool   `name:"json" help:"Print JSON, as GET /v1/models/{version} has it."`
}

func modelPath(version string) string { return "/v1/models/" + url.PathEscape(version) }

func (c *modelShowCmd) Run(s *env) error {
	var m pitcrewv1.Model
	if err := c.get(s.ctx, modelPath(c.Model), &pitcrewv1.GetModelRequest{}, &m); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, &m)
	}
	out := bufio.NewWriter(s.out)
	fmt.Fprintf(out, "%s: %s since %s, learned %s from %s and %s\n", m.GetVersion(), m.GetState(), minute(m.GetSince()), minute(m.GetLearned()),
		plural(int(m.GetVehicles()), "vehicle"), plural(int(m.GetPaths()), "wear path"))
	if r := m.GetReport(); r != nil {
		fmt.Fprintf(out, "Compared %s (%s): %s\n", minute(r.GetAt()), r.GetStep(), r.GetWhy().GetEn())
	}
	if m.GetKmPerDay() > 0 {
		fmt.Fprintf(out, "Use: %.1f km a day, %.0f %% between vehicles\n", m.GetKmPerDay(), 100*m.GetKmPerDayCv())
	}
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "\nCOMPONENT\tWEAR PER 1,000 KM\tBETWEEN VEHICLES\tPARTS\tFAILS AT")
	for _, p := range m.GetComponents() {
		fails := "-"
		if p.GetFailsAt() > 0 {
			fails = fmt.Sprintf("%.0f %%", 100*p.GetFailsAt())
		}
		fmt.Fprintf(table, "%s\t%.2f %%\t%.0f %%\t%d\t%s\n", p.GetComponent(), 100*p.GetRatePer_1000Km(), 100*p.GetCv(), p.GetUnits(), fails)
	}
	if len(m.GetComponents()) == 0 {
		fmt.Fprintln(table, "none: too few parts have come to their end\t\t\t\t")
	}
	return flushed(table, out)
}

type modelCompareCmd struct {
	server `embed:""`

	Model   string `arg:"" help:"Its name, as 'pitcrew model list' prints it."`
	Against string `env:"-" help:"The other one, or expert. Without it: the one in force."`
	JSON    bool   `name:"json" help:"Print JSON, as GET /v1/models/{version}:compare has it."`
}

func (c *modelCompareCmd) Run(s *env) error {
	var found pitcrewv1.ModelComparison
	if err := c.get(s.ctx, modelPath(c.Model)+":compare", &pitcrewv1.CompareModelsRequest{Against: c.Against}, &found); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, &found)
	}
	out := bufio.NewWriter(s.out)
	fmt.Fprintf(out, "%s of %s came to their end since the younger was learned; %d more were renewed before and cannot tell.\n",
		plural(int(found.GetLives()), "part"), plural(int(found.GetVehicles()), "vehicle"), found.GetCensored())
	if found.GetQuestions() == 0 {
		fmt.Fprintln(out, "There is nothing to compare them on yet.")
		return flushed(tabwriter.NewWriter(out, 0, 4, 2, ' ', 0), out)
	}
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "\nMODEL\tPINBALL LOSS\tINTERVAL SCORE\tCOVERAGE OF 80 %")
	for _, row := range []struct {
		name  string
		score *pitcrewv1.ModelScore
	}{{c.Model, found.GetCandidate()}, {found.GetAgainst(), found.GetRival()}} {
		fmt.Fprintf(table, "%s\t%.3f\t%.2f\t%.2f\n", row.name, row.score.GetPinball(), row.score.GetInterval(), row.score.GetCoverage())
	}
	fmt.Fprintf(table, "\nDifference of the pinball loss: %+.3f (%+.3f to %+.3f in 90 %% of resampled fleets); below zero %s is better.\n",
		found.GetCandidate().GetPinball()-found.GetRival().GetPinball(), found.GetWorseLow(), found.GetWorseHigh(), c.Model)
	return flushed(table, out)
}

// decision is who puts another model into force, and why.
type decision struct {
	Actor string `env:"-" help:"Who decides, as it shall stand in the list."`
	Note  string `env:"-" help:"Why."`
	JSON  bool   `name:"json" help:"Print JSON, as the API answers it."`
}

// say prints what a decision did.
func (d decision) say(s *env, e *pitcrewv1.ModelEvent) error {
	if d.JSON {
		return printJSON(s.out, e)
	}
	_, err := fmt.Fprintf(s.out, "%s is in force, before it %s. Forecasts take it in within twelve hours.\n", e.GetVersion(), e.GetReplaced())
	return err
}

type modelPromoteCmd struct {
	server   `embed:""`
	decision `embed:""`

	Model string `arg:"" help:"Its name, as 'pitcrew model list' prints it."`
}

func (c *modelPromoteCmd) Run(s *env) error {
	var e pitcrewv1.ModelEvent
	req := pitcrewv1.PromoteModelRequest{Actor: c.Actor, Note: c.Note}
	if err := c.post(s.ctx, modelPath(c.Model)+":promote", &req, &e); err != nil {
		return err
	}
	return c.say(s, &e)
}

type modelRollbackCmd struct {
	server   `embed:""`
	decision `embed:""`

	Model string `arg:"" optional:"" help:"The model to go back to, or expert. Without it: the one that was in force before."`
}

func (c *modelRollbackCmd) Run(s *env) error {
	var e pitcrewv1.ModelEvent
	req := pitcrewv1.RollBackModelRequest{Version: c.Model, Actor: c.Actor, Note: c.Note}
	if err := c.post(s.ctx, "/v1/models:rollBack", &req, &e); err != nil {
		return err
	}
	if err := c.say(s, &e); err != nil || c.JSON {
		return err
	}
	_, err := fmt.Fprintln(s.out, "Nothing is promoted from now on but by 'pitcrew model promote'.")
	return err
}

type modelAccuracyCmd struct {
	server `embed:""`

	Component string `env:"-" help:"Only this one."`
	Weeks     int32  `env:"-" help:"Outcomes of the last so many weeks, up to 104." default:"26"`
	JSON      bool   `name:"json" help:"Print JSON, as GET /v1/accuracy has it."`
}

func (c *modelAccuracyCmd) Run(s *env) error {
	var all pitcrewv1.ListAccuracyResponse
	if err := c.get(s.ctx, "/v1/accuracy", &pitcrewv1.ListAccuracyRequest{Component: c.Component, Weeks: c.Weeks}, &all); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, &all)
	}
	out := bufio.NewWriter(s.out)
	if len(all.GetAccuracy()) == 0 {
		fmt.Fprintln(out, "No part has come to its end yet that had been forecast.")
	}
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if len(all.GetAccuracy()) > 0 {
		fmt.Fprintln(table, "COMPONENT\tDAYS AHEAD\tOUTCOMES\tCOVERAGE\tBEFORE P10\tP10-P50\tP50-P90\tAFTER P90\tOFF BY DAYS\tRENEWED BEFORE\t")
	}
	for _, a := range all.GetAccuracy() {
		fmt.Fprintln(table, strings.Join(accuracyRow(a), "\t"))
	}
	return flushed(table, out)
}

func accuracyRow(a *pitcrewv1.Accuracy) []string {
	horizon, coverage, days, warning := "all", "-", "-", ""
	if a.GetHorizon() > 0 {
		horizon = fmt.Sprint(a.GetHorizon())
	}
	if a.GetKnown() > 0 {
		coverage = fmt.Sprintf("%.2f", a.GetCoverage())
	}
	if a.GetDated() > 0 {
		days = fmt.Sprintf("%.0f", a.GetMeanAbsDays())
	}
	if a.GetOff() {
		warning = "! not 0.7 to 0.9"
	}
	return []string{
		a.GetComponent(), horizon, fmt.Sprint(a.GetKnown()), coverage,
		fmt.Sprint(a.GetBelowP10()), fmt.Sprint(a.GetBelowP50()), fmt.Sprint(a.GetBelowP90()), fmt.Sprint(a.GetAboveP90()),
		days, fmt.Sprint(a.GetCensored()), warning,
	}
}
