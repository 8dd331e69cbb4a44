package main

import (
	"strings"
	"testing"
)

func TestCarsByTheirVIN(t *testing.T) {
	t.Parallel()
	d, err := settings{UDSTable: map[string]string{"kmhk": "kona", "KMHK5": "kona@mi"}}.decoder()
	if err != nil {
		t.Fatal(err)
	}
	if o := d.Cars("KMHK581GFKU000001"); o.Table == nil || o.Table.Cluster != "mi" {
		t.Errorf("got %+v, want the table of the longer prefix", o)
	}
	if o := d.Cars("KMHK381GFKU000001"); o.Table == nil || o.Table.Cluster != "" {
		t.Errorf("got %+v, want the table of the shorter prefix", o)
	}
	if o := d.Cars("LSJE36096MS140495"); o.Table != nil {
		t.Errorf("got %+v of another car", o)
	}
	for _, bad := range []string{"nowhere.csv", "kona@leagues"} {
		if _, err := (settings{UDSTable: map[string]string{"L": bad}}).decoder(); err == nil || !strings.Contains(err.Error(), "--uds-table L") {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}
