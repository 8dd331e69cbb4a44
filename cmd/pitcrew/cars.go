package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// decoder knows what --uds-table, --uds-codes and --j1939-version say of cars.
func (s settings) decoder() (obd.Decoder, error) {
	d := obd.Decoder{J1939: j1939.Options{Ambiguous: j1939.Conversion(s.J1939Version)}}
	cars := make(map[string]ecu.Options) // by prefix of the VIN
	for prefix, name := range s.UDSTable {
		table, err := signalTable(name)
		if err != nil {
			return d, fmt.Errorf("--uds-table %s: %w", prefix, err)
		}
		car := cars[strings.ToUpper(prefix)]
		car.Table = table
		cars[strings.ToUpper(prefix)] = car
	}
	for prefix, name := range s.UDSCodes {
		naming, err := codeNaming(name)
		if err != nil {
			return d, fmt.Errorf("--uds-codes %s: %w", prefix, err)
		}
		car := cars[strings.ToUpper(prefix)]
		car.Naming = naming
		cars[strings.ToUpper(prefix)] = car
	}
	if len(cars) > 0 {
		d.Cars = func(vin vehicle.VIN) ecu.Options { return carOf(cars, vin) }
	}
	return d, nil
}

// carOf takes each setting from the longest prefix that has it.
func carOf(cars map[string]ecu.Options, vin vehicle.VIN) ecu.Options {
	var found ecu.Options
	for n := range len(vin) {
		car, known := cars[string(vin[:n+1])]
		if known && car.Table != nil {
			found.Table = car.Table
		}
		if known && car.Naming != uds.NamingByFormat {
			found.Naming = car.Naming
		}
	}
	return found
}

// codeNaming reads how three bytes of a trouble code are meant.
func codeNaming(name string) (uds.Naming, error) {
	switch name {
	case "j2012":
		return uds.NamingJ2012, nil
	case "j1939":
		return uds.NamingJ1939, nil
	case "maker":
		return uds.NamingMaker, nil
	case "":
		return uds.NamingByFormat, nil
	}
	return 0, fmt.Errorf("%q: want j2012, j1939 or maker", name)
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
