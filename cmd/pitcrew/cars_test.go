package main

import (
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/uds"
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
	codes, err := settings{UDSTable: map[string]string{"KMHK5": "kona"}, UDSCodes: map[string]string{"KMH": "maker"}}.decoder()
	if err != nil {
		t.Fatal(err)
	}
	if o := codes.Cars("KMHK581GFKU000001"); o.Table == nil || o.Naming != uds.NamingMaker {
		t.Errorf("got %+v, want each setting of the longest prefix that has it", o)
	}
	if _, err := (settings{UDSCodes: map[string]string{"L": "morse"}}).decoder(); err == nil {
		t.Error("want an error for a naming that does not exist")
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
