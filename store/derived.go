package store

import (
	"context"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// PutRollups implements planner.Tx. A roll-up replaces the one of its day.
func (tx *Tx) PutRollups(ctx context.Context, days []telemetry.DayRollup) error {
	for _, r := range days {
		err := tx.q.PutRollup(ctx, sqlcgen.PutRollupParams{Vin: string(r.VIN), Day: int64(r.Day), Body: encodeRollup(r)})
		if err != nil {
			return tx.d.fail("write roll-ups", err)
		}
	}
	return nil
}

// Rollup implements planner.Tx.
func (tx *Tx) Rollup(ctx context.Context, vin vehicle.VIN, day vehicle.Day) (telemetry.DayRollup, error) {
	body, err := tx.q.Rollup(ctx, sqlcgen.RollupParams{Vin: string(vin), Day: int64(day)})
	if err != nil {
		return telemetry.DayRollup{}, tx.missing(err, "roll-up of", string(vin)+" "+day.String())
	}
	var d rollupDecoder
	return d.decode(vin, day, body)
}

// Rollups implements planner.Tx: by day, ascending.
func (tx *Tx) Rollups(ctx context.Context, vin vehicle.VIN) ([]telemetry.DayRollup, error) {
	rows, err := tx.q.Rollups(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read roll-ups", err)
	}
	var d rollupDecoder
	return mapRows(rows, func(r sqlcgen.RollupsRow) (telemetry.DayRollup, error) {
		return d.decode(vin, vehicle.Day(r.Day), r.Body)
	})
}

// RollupsBySignal implements planner.Tx.
func (tx *Tx) RollupsBySignal(ctx context.Context, vin vehicle.VIN, into *telemetry.BySignal) error {
	rows, err := tx.q.Rollups(ctx, string(vin))
	if err != nil {
		return tx.d.fail("read roll-ups", err)
	}
	var d rollupDecoder
	return d.bySignal(rows, into)
}

// Forecasts implements planner.Tx: as they were last replaced.
func (tx *Tx) Forecasts(ctx context.Context, vin vehicle.VIN) ([]predict.Forecast, error) {
	rows, err := tx.q.Forecasts(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read forecasts", err)
	}
	return decodeRows[predict.Forecast](rows)
}

// ReplaceForecasts implements planner.Tx.
func (tx *Tx) ReplaceForecasts(ctx context.Context, vin vehicle.VIN, f []predict.Forecast) error {
	if err := tx.q.DeleteForecasts(ctx, string(vin)); err != nil {
		return tx.d.fail("replace forecasts", err)
	}
	return each(ctx, f, func(ctx context.Context, i int64, f predict.Forecast) error {
		body, err := encode(f)
		if err != nil {
			return err
		}
		return tx.d.fail("replace forecasts", tx.q.InsertForecast(ctx, sqlcgen.InsertForecastParams{
			Vin: string(vin), Position: i, Component: string(f.Component), State: string(f.State),
			Due: micros(f.Due.P50), Body: body, Model: predict.PriorVersion(f.Model),
		}))
	})
}

// Findings implements planner.Tx: as they were last replaced.
func (tx *Tx) Findings(ctx context.Context, vin vehicle.VIN) ([]diagnosis.Finding, error) {
	rows, err := tx.q.Findings(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read findings", err)
	}
	return decodeRows[diagnosis.Finding](rows)
}

// ReplaceFindings implements planner.Tx.
func (tx *Tx) ReplaceFindings(ctx context.Context, vin vehicle.VIN, f []diagnosis.Finding) error {
	if err := tx.q.DeleteFindings(ctx, string(vin)); err != nil {
		return tx.d.fail("replace findings", err)
	}
	return each(ctx, f, func(ctx context.Context, i int64, f diagnosis.Finding) error {
		body, err := encode(f)
		if err != nil {
			return err
		}
		return tx.d.fail("replace findings", tx.q.InsertFinding(ctx, sqlcgen.InsertFindingParams{
			Vin: string(vin), Position: i, ID: f.ID, Family: f.Family, Drivability: string(f.Drivability), Body: body,
		}))
	})
}
