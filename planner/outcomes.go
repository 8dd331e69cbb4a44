package planner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// follow keeps what is forecast now where a part has come within a horizon, and finds
// again what became of all that was kept of the vehicle.
func follow(ctx context.Context, tx Tx, vin vehicle.VIN, v view) error {
	have, err := tx.Snapshots(ctx, vin)
	if err != nil {
		return err
	}
	all := models.Take(have, vin, v.forecasts)
	if len(all) == 0 {
		return nil
	}
	var of []predict.Component
	for _, s := range all {
		of = append(of, s.Component)
	}
	slices.Sort(of)
	var heard time.Time
	for _, f := range v.forecasts {
		if f.DataUntil.After(heard) {
			heard = f.DataUntil
		}
	}
	resolved := models.Resolve(all, models.LivesOf(v.input, slices.Compact(of)), heard)
	var changed []models.Snapshot
	for i, s := range resolved {
		if i >= len(have) || s.Outcome != have[i].Outcome {
			changed = append(changed, s)
		}
	}
	if err := tx.PutSnapshots(ctx, changed); err != nil {
		return fmt.Errorf("keep outcomes of forecasts: %w", err)
	}
	return nil
}
