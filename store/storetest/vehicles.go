package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func record(t testing.TB, db *store.DB, batches ...ingest.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := db.Record(t.Context(), b); err != nil {
			t.Fatalf("Record: %v", err)
		}
	}
}

// told is a message in which a vehicle gives attributes of itself.
func told(vin vehicle.VIN, at time.Time, values map[vehicle.Signal]string) ingest.Batch {
	seen := ingest.Seen{VIN: vin, Received: now}
	for signal, value := range values {
		seen.Attributes = append(seen.Attributes, ingest.Attribute{Signal: signal, Value: vehicle.Text(value), Time: at})
	}
	return ingest.Batch{Seen: []ingest.Seen{seen}}
}

func vehicleNow(t testing.TB, db *store.DB, vin vehicle.VIN) vehicle.Vehicle {
	t.Helper()
	return must(db.VehicleRow(t.Context(), vin))(t).Vehicle
}

func putVehicle(t testing.TB, db *store.DB, v vehicle.Vehicle) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutVehicle(ctx, v) })
}

func testRegisteredWins(t *testing.T, db *store.DB) {
	vin := newVIN()
	record(t, db, told(vin, now, map[vehicle.Signal]string{
		vehicle.Brand: "VW", vehicle.Model: "Golf", vehicle.ModelYear: "2019", vehicle.PowertrainType: "HYBRID",
	}))
	v := vehicleNow(t, db, vin)
	want := vehicle.Vehicle{VIN: vin, Brand: "VW", Model: "Golf", ModelYear: 2019, Powertrain: vehicle.Hybrid, FirstSeen: now, LastSeen: now}
	equal(t, "vehicle as it told", v, want)

	v.Name, v.Brand, v.LastSeen = "Pool car 3", "Volkswagen", time.Time{}
	putVehicle(t, db, v)
	record(t, db, told(vin, now.Add(time.Hour), map[vehicle.Signal]string{
		vehicle.Brand: "VW AG", vehicle.Model: "Golf 8", vehicle.ModelYear: "2020",
	}))
	want.Name, want.Brand, want.Model, want.ModelYear = "Pool car 3", "Volkswagen", "Golf 8", 2020
	all := read(t, db, func(ctx context.Context, tx *store.Tx) ([]vehicle.VIN, error) { return tx.VINs(ctx) })
	if !slices.Contains(all, vin) {
		t.Errorf("the fleet is %v, without %s", all, vin)
	}
	equal(t, "vehicle after both changed", vehicleNow(t, db, vin), want)

	v = vehicleNow(t, db, vin)
	v.Brand = ""
	putVehicle(t, db, v)
	want.Brand = "VW AG"
	equal(t, "vehicle whose registered brand was removed", vehicleNow(t, db, vin), want)

	putVehicle(t, db, vehicleNow(t, db, vin)) // writing back what was read registers nothing
	record(t, db, told(vin, now.Add(2*time.Hour), map[vehicle.Signal]string{
		vehicle.Brand: "VW SE", vehicle.Model: "Golf 9", vehicle.ModelYear: "2021", vehicle.PowertrainType: "ELECTRIC",
	}))
	want.Brand, want.Model, want.ModelYear, want.Powertrain = "VW SE", "Golf 9", 2021, vehicle.BatteryElectric
	equal(t, "vehicle after it was written back", vehicleNow(t, db, vin), want)
}

func testPowertrains(t *testing.T, db *store.DB) {
	for name, tc := range map[string]struct {
		kind, fuels string
		want        vehicle.Powertrain
	}{
		"electric":              {"ELECTRIC", "", vehicle.BatteryElectric},
		"hybrid":                {"HYBRID", "E10_95", vehicle.Hybrid},
		"petrol":                {"COMBUSTION", "E5_95,E10_95", vehicle.Petrol},
		"flexible fuel":         {"COMBUSTION", "E85", vehicle.Petrol},
		"diesel":                {"COMBUSTION", "B7, XTL", vehicle.Diesel},
		"diesel in words":       {"combustion", "diesel", vehicle.Diesel},
		"fuel alone":            {"", "GASOLINE", vehicle.Petrol},
		"combustion, not which": {"COMBUSTION", "", vehicle.PowertrainUnknown},
		"gas":                   {"COMBUSTION", "LPG", vehicle.PowertrainUnknown},
		"something else":        {"STEAM", "E5", vehicle.PowertrainUnknown},
	} {
		vin := newVIN()
		record(t, db, told(vin, now, map[vehicle.Signal]string{vehicle.PowertrainType: tc.kind, vehicle.SupportedFuel: tc.fuels}))
		if got := vehicleNow(t, db, vin).Powertrain; got != tc.want {
			t.Errorf("%s: powertrain %q, want %q", name, got, tc.want)
		}
	}
}

// vins lists what the filter lets through.
func vins(t testing.TB, db *store.DB, f planner.VehicleFilter) []vehicle.VIN {
	t.Helper()
	rows, next, err := db.Vehicles(t.Context(), f, planner.Page{Size: 100})
	if err != nil || next != "" {
		t.Fatalf("Vehicles: token %q, error %v", next, err)
	}
	list := []vehicle.VIN{}
	for _, r := range rows {
		list = append(list, r.Vehicle.VIN)
	}
	return list
}

func testVehicleSearch(t *testing.T, db *store.DB) {
	a, b := newVIN(), newVIN()
	putVehicle(t, db, vehicle.Vehicle{
		VIN: a, Name: "Ärztin 100%", Plate: "沪A·12345", Brand: "Škoda", Model: "Octavia_RS",
		Owner: vehicle.Owner{Name: "ЖАННА", Contact: "hidden@example.org"},
	})
	record(t, db, told(b, now, map[vehicle.Signal]string{vehicle.Brand: "BYD", vehicle.Model: "Seal"}))
	all := []vehicle.VIN{a, b}
	for text, want := range map[string][]vehicle.VIN{
		"":                 all,
		string(a[5:]):      {a},
		"wpt0":             all,
		"ärzt":             {a},
		"ÄRZTIN":           {a},
		"škoda":            {a},
		"жанна":            {a},
		"a·123":            {a},
		"100%":             {a},
		"a_r":              {a},
		"%":                {a},
		`\`:                {},
		"ia%":              {},
		"byd":              {b},
		"SEAL":             {b},
		"hidden":           {},
		"no such\x00thing": {},
	} {
		equal(t, "search for "+text, vins(t, db, planner.VehicleFilter{Text: text}), want)
	}
}

func testVehicleFilters(t *testing.T, db *store.DB) {
	registered, toldSo, inferred, unknown := newVIN(), newVIN(), newVIN(), newVIN()
	record(t, db, told(registered, now, map[vehicle.Signal]string{vehicle.PowertrainType: "HYBRID"}),
		told(toldSo, now, map[vehicle.Signal]string{vehicle.PowertrainType: "ELECTRIC"}))
	putVehicle(t, db, vehicle.Vehicle{VIN: registered, Powertrain: vehicle.BatteryElectric})
	putVehicle(t, db, vehicle.Vehicle{VIN: inferred})
	putVehicle(t, db, vehicle.Vehicle{VIN: unknown})
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return firstError(
			func() error {
				return tx.PutSummary(ctx, planner.Summary{VIN: toldSo, Drivability: diagnosis.Stop, Planned: now})
			},
			func() error {
				return tx.PutSummary(ctx, planner.Summary{VIN: inferred, Powertrain: vehicle.BatteryElectric, Planned: now})
			},
		)
	})
	equal(t, "battery electric", vins(t, db, planner.VehicleFilter{Powertrain: vehicle.BatteryElectric}),
		[]vehicle.VIN{registered, toldSo, inferred})
	equal(t, "hybrid", vins(t, db, planner.VehicleFilter{Powertrain: vehicle.Hybrid}), []vehicle.VIN{})
	equal(t, "to be stopped", vins(t, db, planner.VehicleFilter{Drivability: diagnosis.Stop}), []vehicle.VIN{toldSo})
	equal(t, "both", vins(t, db, planner.VehicleFilter{Powertrain: vehicle.Hybrid, Drivability: diagnosis.Stop}), []vehicle.VIN{})
}

func testSummary(t *testing.T, db *store.DB) {
	vin := newVIN()
	putVehicle(t, db, vehicle.Vehicle{VIN: vin})
	want := planner.Summary{
		VIN: vin, Powertrain: vehicle.Petrol, OdometerKm: 81000.5, OdometerAt: at(1), KmPerDay: 40, ActiveCodes: 1, MIL: true,
		Drivability: diagnosis.Soon, Findings: 1, NextItem: "engine_oil", NextDue: at(2), DataUntil: at(3), Planned: at(4),
		DialKm: 80000, OdometerRefused: 2,
	}
	for _, readiness := range []diagnosis.Readiness{
		{}, {At: at(5), Complete: []vehicle.Monitor{vehicle.MonitorCatalyst}, Incomplete: []vehicle.Monitor{vehicle.MonitorEGR}, ResetAfter: at(1), ResetBy: at(2)},
	} {
		want.Readiness = readiness
		write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutSummary(ctx, want) })
		equal(t, "summary", must(db.VehicleRow(t.Context(), vin))(t).Summary, want)
	}
}

func testQuiet(t *testing.T, db *store.DB) {
	never, old, older, fresh, marked := newVIN(), newVIN(), newVIN(), newVIN(), newVIN()
	for _, vin := range []vehicle.VIN{never, old, older, fresh, marked} {
		putVehicle(t, db, vehicle.Vehicle{VIN: vin})
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for vin, at := range map[vehicle.VIN]time.Time{
			old: now.Add(-time.Hour), older: now.Add(-2 * time.Hour), marked: now.Add(-3 * time.Hour), fresh: now,
		} {
			if err := tx.PutSummary(ctx, planner.Summary{VIN: vin, Planned: at}); err != nil {
				return err
			}
		}
		return tx.Mark(ctx, marked, 1, false, now)
	})
	quiet := func(limit int) []vehicle.VIN {
		t.Helper()
		return read(t, db, func(ctx context.Context, tx *store.Tx) ([]vehicle.VIN, error) { return tx.Quiet(ctx, now, limit) })
	}
	want := []vehicle.VIN{never, older, old}
	equal(t, "quiet vehicles", quiet(10), want)
	equal(t, "the two quiet for longest", quiet(2), slices.Clone(want[:2]))
}
