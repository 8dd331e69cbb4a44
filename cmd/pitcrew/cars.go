package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// decoder knows what --uds-table says of cars.
func (s settings) decoder() (obd.Decoder, error) {
	if len(s.UDSTable) == 0 {
		return obd.Decoder{}, nil
	}
	tables := make(map[string]*uds.Table, len(s.UDSTable))
	for prefix, name := range s.UDSTable {
		table, err := signalTable(name)
		if err != nil {
			return obd.Decoder{}, fmt.Errorf("--uds-table %s: %w", prefix, err)
		}
		tables[strings.ToUpper(prefix)] = table
	}
	return obd.Decoder{Cars: func(vin vehicle.VIN) ecu.Options {
		for n := len(vin); n > 0; n-- { // the longest prefix knows the car best
			if table, ok := tables[string(vin[:n])]; ok {
				return ecu.Options{Table: table}
			}
		}
		return ecu.Options{}
	}}, nil
}

// signalTable finds a table of data identifiers: one that comes with pitcrew, or a
// file. Behind @ stands the unit that the car's cluster counts its odometer in.
func signalTable(name string) (*uds.Table, error) {
	name, cluster, _ := strings.Cut(name, "@")
	if cluster != "" && cluster != "km" && cluster != "mi" {
		return nil, fmt.Errorf("unit %q: want km or mi", cluster)
	}
	table, err := findTable(name)
	if err == nil {
		table.Cluster = cluster
	}
	return table, err
}

func findTable(name string) (*uds.Table, error) {
	if name == "kona" || name == "" {
		return uds.Kona(), nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%q is neither a table that comes with pitcrew (kona) nor a file: %w", name, err)
	}
	table, refusals := uds.ParseTable(strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), text)
	if len(refusals) > 0 {
		return nil, fmt.Errorf("%s: %w", name, refusals[0])
	}
	return table, nil
}
