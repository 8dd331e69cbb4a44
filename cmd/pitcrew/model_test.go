package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/store"
)

// taught is a data folder of a fleet that has taught two models, and of whose tyres 30
// were outlived.
func taught(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(dir, "pitcrew.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	learned := time.Now().Add(-24 * time.Hour)
	version := func(name string, state models.State) models.Version {
		return models.Version{State: state, Learned: learned, Since: learned, Vehicles: 31, Paths: 77, Prior: predict.Prior{
			Version: name, Usage: predict.UsagePrior{KmPerDay: 41.5, CV: 0.5},
			Components: map[predict.Component]predict.LifePrior{predict.Tyres: {RatePer1000Km: 0.0215, CV: 0.4, Units: 19, FailsAt: 1.12}},
		}}
	}
	var said []models.Snapshot
	for i := range 30 {
		said = append(said, models.Snapshot{
			VIN: "TAUGHT", Component: predict.Tyres, Cycle: fmt.Sprint(i), Horizon: 90,
			Outcome: models.Outcome{State: models.Outlived, Cell: models.AboveP90, Week: learned},
		})
	}
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		for _, v := range []models.Version{version("fleet-1", models.Active), version("fleet-2", models.Shadow)} {
			if err := tx.PutModel(context.Background(), v); err != nil {
				return err
			}
		}
		return tx.PutSnapshots(context.Background(), said)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What an operator does with models, against a pitcrew that runs.
func TestModels(t *testing.T) {
	t.Parallel()
	r := startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-anonymous", "--data", taught(t), "--model-promote", "manual")
	defer r.stop()
	for _, c := range []struct {
		args string
		code int
		says []string
	}{
		{"list", 0, []string{"In force: fleet-1", "Nothing is promoted but by", "fleet-2", "shadow", "31", "77"}},
		{"show fleet-2", 0, []string{"fleet-2: shadow", "31 vehicles", "77 wear paths", "41.5 km", "tyres", "2.15 %", "112 %"}},
		{"show fleet-0", 1, []string{"there is no model fleet-0"}},
		{"compare fleet-2", 0, []string{"0 parts of 0 vehicles", "nothing to compare"}},
		{"compare fleet-2 --against expert --json", 0, []string{`"against":"expert"`, `"lives":0`}},
		{"accuracy", 0, []string{"tyres", "90", "30", "0.00", "not 0.7 to 0.9"}},
		{"accuracy --weeks 200", 1, []string{"weeks", "104"}},
		{"promote fleet-1", 1, []string{"in force already"}},
		{"promote fleet-2 --actor Li --note bench", 0, []string{"fleet-2 is in force, before it fleet-1", "twelve hours"}},
		{"rollback --actor Wang", 0, []string{"fleet-1 is in force, before it fleet-2", "Nothing is promoted from now on"}},
		{"rollback expert --json", 0, []string{`"version":"expert"`, `"replaced":"fleet-1"`, `"actor":"api"`}},
		{"rollback", 1, []string{"nothing to go back from"}},
		{"list", 0, []string{"In force: expert", "rolled back", "Wang", "promoted", "Li", "bench"}},
	} {
		code, out, errOut := once(t, append(append([]string{"model"}, strings.Fields(c.args)...), "--server", r.web)...)
		for _, want := range c.says {
			if code != c.code || !strings.Contains(out+errOut, want) {
				t.Errorf("model %s: exit %d, want %d and %q in:\n%s%s", c.args, code, c.code, want, out, errOut)
			}
		}
	}
	resp, err := http.Get(r.web + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	metrics, err := io.ReadAll(resp.Body)
	for _, want := range []string{`pitcrew_forecast_coverage{component="tyres"} 0`, `pitcrew_model_info{state="active",version="expert"} 1`} {
		if err != nil || !strings.Contains(string(metrics), want) {
			t.Errorf("the metrics lack %s: %v", want, err)
		}
	}
}
