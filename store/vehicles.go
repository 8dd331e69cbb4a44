package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// VINs implements planner.Tx.
func (tx *Tx) VINs(ctx context.Context) ([]vehicle.VIN, error) {
	rows, err := tx.q.VINs(ctx)
	if err != nil {
		return nil, tx.d.fail("read vehicles", err)
	}
	return mapRows(rows, func(vin string) (vehicle.VIN, error) { return vehicle.VIN(vin), nil })
}

// Vehicle implements planner.Tx. What a person registered wins over what the
// vehicle told of itself.
func (tx *Tx) Vehicle(ctx context.Context, vin vehicle.VIN) (vehicle.Vehicle, error) {
	row, err := tx.q.Vehicle(ctx, string(vin))
	if err != nil {
		return vehicle.Vehicle{}, tx.missing(err, "vehicle", string(vin))
	}
	return vehicleOf(row), nil
}

func vehicleOf(r sqlcgen.Vehicle) vehicle.Vehicle {
	return vehicle.Vehicle{
		VIN: vehicle.VIN(r.Vin), Name: r.Name, Plate: r.Plate,
		Brand:      cmp.Or(r.Brand, r.ToldBrand),
		Model:      cmp.Or(r.Model, r.ToldModel),
		ModelYear:  int(cmp.Or(r.ModelYear, r.ToldModelYear)),
		Powertrain: vehicle.Powertrain(cmp.Or(r.Powertrain, r.ToldPowertrain)),
		InService:  instant(r.InService), TimeZone: r.TimeZone,
		Owner:     vehicle.Owner{Name: r.OwnerName, Locale: r.OwnerLocale, Contact: r.OwnerContact},
		FirstSeen: instant(r.FirstSeen), LastSeen: instant(r.LastSeen), LastEvent: instant(r.LastEvent),
		Online: r.Online,
	}
}

// PutVehicle implements planner.Tx. Brand, model, year and powertrain become
// registered where they differ from what Vehicle answers now, so writing back
// what was read does not freeze what the vehicle says of itself. When it
// reported and whether it is online stays as ingest knows it, except for a
// vehicle that is new.
func (tx *Tx) PutVehicle(ctx context.Context, v vehicle.Vehicle) error {
	row, err := tx.q.Vehicle(ctx, string(v.VIN))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return tx.insertVehicle(ctx, v)
	case err != nil:
		return tx.d.fail("read vehicle", err)
	}
	known := vehicleOf(row)
	p := sqlcgen.RegisterVehicleParams{
		Vin: row.Vin, Name: text(v.Name), Plate: text(v.Plate),
		Brand:      changed(text(v.Brand), known.Brand, row.Brand),
		Model:      changed(text(v.Model), known.Model, row.Model),
		ModelYear:  changed(int64(v.ModelYear), int64(known.ModelYear), row.ModelYear),
		Powertrain: changed(string(v.Powertrain), string(known.Powertrain), row.Powertrain),
		InService:  micros(v.InService), TimeZone: text(v.TimeZone),
		OwnerName: text(v.Owner.Name), OwnerLocale: text(v.Owner.Locale), OwnerContact: text(v.Owner.Contact),
	}
	p.Search = searchText(p.Vin, p.Plate, p.Name, cmp.Or(p.Brand, row.ToldBrand), cmp.Or(p.Model, row.ToldModel), p.OwnerName)
	return tx.d.fail("write vehicle", tx.q.RegisterVehicle(ctx, p))
}

// changed returns the new value if it is one, else what was registered before.
func changed[T comparable](value, known, registered T) T {
	if value == known {
		return registered
	}
	return value
}

func (tx *Tx) insertVehicle(ctx context.Context, v vehicle.Vehicle) error {
	_, err := tx.q.InsertVehicle(ctx, sqlcgen.InsertVehicleParams{
		Vin: string(v.VIN), Name: text(v.Name), Plate: text(v.Plate), Brand: text(v.Brand), Model: text(v.Model),
		ModelYear: int64(v.ModelYear), Powertrain: string(v.Powertrain), InService: micros(v.InService),
		TimeZone: text(v.TimeZone), OwnerName: text(v.Owner.Name), OwnerLocale: text(v.Owner.Locale),
		OwnerContact: text(v.Owner.Contact),
		Search:       searchText(string(v.VIN), v.Plate, v.Name, v.Brand, v.Model, v.Owner.Name),
		FirstSeen:    micros(v.FirstSeen), LastSeen: micros(v.LastSeen), LastEvent: micros(v.LastEvent), Online: v.Online,
	})
	return tx.d.fail("write vehicle", err)
}

// searchText is what VehicleFilter.Text looks into: the fields on lines of
// their own, in lower case as Go understands it, because SQLite lowers only ASCII.
func searchText(fields ...string) string {
	return text(strings.ToLower(strings.Join(fields, "\n")))
}

// putAttributes keeps what vehicles told of themselves and carries it over to
// their rows where it changed something.
func (tx *Tx) putAttributes(ctx context.Context, rows []sqlcgen.PutAttributeParams) error {
	var touched []string // rows come grouped by vehicle
	for _, r := range rows {
		newer, err := tx.q.PutAttribute(ctx, r)
		if err != nil {
			return tx.d.fail("record attribute", err)
		}
		if newer > 0 && (len(touched) == 0 || touched[len(touched)-1] != r.Vin) {
			touched = append(touched, r.Vin)
		}
	}
	for _, vin := range touched {
		if err := tx.tell(ctx, vin); err != nil {
			return err
		}
	}
	return nil
}

// tell derives told_* of one vehicle from its attributes.
func (tx *Tx) tell(ctx context.Context, vin string) error {
	row, err := tx.q.Vehicle(ctx, vin)
	if err != nil {
		return tx.missing(err, "vehicle", vin)
	}
	attributes, err := tx.q.Attributes(ctx, vin)
	if err != nil {
		return tx.d.fail("read attributes", err)
	}
	told := make(map[vehicle.Signal]string)
	for _, a := range attributes {
		told[vehicle.Signal(a.Signal)] = a.Value
	}
	p := sqlcgen.SetToldParams{
		Vin: vin, ToldBrand: told[vehicle.Brand], ToldModel: told[vehicle.Model],
		ToldModelYear:  modelYear(told[vehicle.ModelYear]),
		ToldPowertrain: string(powertrain(told[vehicle.PowertrainType], told[vehicle.SupportedFuel])),
	}
	if p.ToldBrand == row.ToldBrand && p.ToldModel == row.ToldModel &&
		p.ToldModelYear == row.ToldModelYear && p.ToldPowertrain == row.ToldPowertrain {
		return nil
	}
	p.Search = searchText(row.Vin, row.Plate, row.Name,
		cmp.Or(row.Brand, p.ToldBrand), cmp.Or(row.Model, p.ToldModel), row.OwnerName)
	return tx.d.fail("record attributes", tx.q.SetTold(ctx, p))
}

// modelYear reads a year that a vehicle gave as a number; anything else is 0.
func modelYear(s string) int64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || f < 1886 || f > 2200 {
		return 0
	}
	return int64(f)
}

// powertrain reads VSS 6.0 Powertrain.Type (COMBUSTION, HYBRID, ELECTRIC) and
// the list SupportedFuelTypes (E5_95, E85, GASOLINE ... for spark ignition; B7,
// B100, XTL, DIESEL ... for diesel). Fuels alone stand for a combustion engine.
func powertrain(kind, fuels string) vehicle.Powertrain {
	switch strings.ToUpper(kind) {
	case "ELECTRIC":
		return vehicle.BatteryElectric
	case "HYBRID":
		return vehicle.Hybrid
	case "COMBUSTION", "":
	default:
		return vehicle.PowertrainUnknown
	}
	for fuel := range strings.SplitSeq(strings.ToUpper(fuels), ",") {
		fuel = strings.TrimSpace(fuel)
		switch {
		case fuel == "DIESEL", fuel == "XTL", len(fuel) > 1 && fuel[0] == 'B' && fuel[1] >= '0' && fuel[1] <= '9':
			return vehicle.Diesel
		case fuel == "GASOLINE", fuel == "PETROL", len(fuel) > 1 && fuel[0] == 'E' && fuel[1] >= '0' && fuel[1] <= '9':
			return vehicle.Petrol
		}
	}
	return vehicle.PowertrainUnknown
}

// PutSummary implements planner.Tx.
func (tx *Tx) PutSummary(ctx context.Context, s planner.Summary) error {
	readiness, err := encode(s.Readiness)
	if err != nil {
		return err
	}
	return tx.d.fail("write summary", tx.q.PutSummary(ctx, sqlcgen.PutSummaryParams{
		Vin: string(s.VIN), Powertrain: string(s.Powertrain), OdometerKm: s.OdometerKm, OdometerAt: micros(s.OdometerAt), KmPerDay: s.KmPerDay,
		ActiveCodes: int64(s.ActiveCodes), Mil: s.MIL, Drivability: string(s.Drivability),
		Findings: int64(s.Findings), NextItem: string(s.NextItem), NextDue: micros(s.NextDue),
		DataUntil: micros(s.DataUntil), Planned: micros(s.Planned), OdometerRefused: int64(s.OdometerRefused), DialKm: s.DialKm,
		Readiness: readiness,
	}))
}
