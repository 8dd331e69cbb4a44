package store

import (
	"context"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// OdometerDecisions implements planner.Tx: oldest first.
func (tx *Tx) OdometerDecisions(ctx context.Context, vin vehicle.VIN) ([]vehicle.OdometerDecision, error) {
	rows, err := tx.q.OdometerDecisions(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read odometer decisions", err)
	}
	return mapRows(rows, func(row sqlcgen.OdometerDecision) (vehicle.OdometerDecision, error) {
		return vehicle.OdometerDecision{
			Verdict: vehicle.OdometerVerdict(row.Verdict),
			Reading: vehicle.OdometerReading{
				Time: instant(row.ReadAt), Metres: row.Metres, Source: vehicle.OdometerSource(row.Source),
				Raw: row.Raw, Unit: vehicle.OdometerUnit(row.Unit),
			},
			Metres: row.Total, At: instant(row.Decided), By: row.DecidedBy, Note: row.Note,
		}, nil
	})
}

// AddOdometerDecision implements planner.Tx.
func (tx *Tx) AddOdometerDecision(ctx context.Context, vin vehicle.VIN, d vehicle.OdometerDecision) error {
	added, err := tx.q.InsertOdometerDecision(ctx, sqlcgen.InsertOdometerDecisionParams{
		Vin: string(vin), Reading: d.Reading.ID(), Decided: micros(d.At), Verdict: string(d.Verdict),
		ReadAt: micros(d.Reading.Time), Metres: d.Reading.Metres, Source: string(d.Reading.Source),
		Raw: d.Reading.Raw, Unit: string(d.Reading.Unit),
		Total: d.Metres, DecidedBy: text(d.By), Note: text(d.Note),
	})
	if err != nil {
		return tx.d.fail("add odometer decision", err)
	}
	if added == 0 {
		return fault.New(fault.Conflict, "somebody decided about this reading at the same moment: look at it again")
	}
	return nil
}
