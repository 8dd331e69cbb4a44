package dialect

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// Row is a row of a dialect's table, for the test that checks them all.
type Row struct {
	Key, Name, Unit string
	Signal          vehicle.Signal
	Scale, Offset   float64
}

// Tables returns the tables of this package by dialect and part.
func Tables() map[string][]Row {
	tables := map[string][]Row{
		"ovms3": rowsOfKeys(ovmsTable()), "ovms3 lists": rowsOfKeys(ovmsLists()),
		"saic": rowsOfKeys(saicTable()), "teslamate": rowsOfKeys(teslamateTable()),
		"teslamate route": rowsOfKeys(teslamateRoute()), "wican": rowsOfKeys(wicanTable()),
	}
	for _, w := range ovmsWheels() {
		k := w.key
		k.signal = wheelFL + w.leaf
		tables["ovms3 wheels"] = append(tables["ovms3 wheels"], rowsOfKeys([]key{k})...)
	}
	return tables
}

func rowsOfKeys(keys []key) []Row {
	rows := make([]Row, len(keys))
	for i, k := range keys {
		rows[i] = Row{k.key, k.name, k.unit, k.signal, k.scale, k.offset}
	}
	return rows
}
