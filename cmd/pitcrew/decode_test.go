package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/uds"
)

// decodeCase is one call of `pitcrew decode`.
type decodeCase struct {
	args   []string
	exit   int
	prints []string // each on some line
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const gbt = "242402FE484155563442474E36533530303232313901" + "000A190A1B140202041388" + "FF" // cut: its length says more
	for name, tt := range map[string]decodeCase{
		"elm327": {
			[]string{"--format", "elm327", "7E8 04 41 0C 1A F8"}, 0,
			[]string{`"engine_rpm":1726`, `"Vehicle.Powertrain.CombustionEngine.Speed":{"value":1726,"unit":"rpm"}`, `"timeSource":"receiver"`},
		},
		"elm327, cut":        {[]string{"--format", "elm327", "41 0C 1A"}, 1, []string{`"refused":{"place":"elm327","offset":0`}},
		"elm327, VIN":        {[]string{"--format", "elm327", "--vin", "LSJE36096MS140495", "7E81014490201574444\r7E82132303430303131\r7E82241313233343536\r>"}, 1, []string{"another vehicle"}},
		"isotp":              {[]string{"--format", "isotp", "7E8#100A000102030405\n7E8#2106070809"}, 0, []string{`"length":10,"payload":"00010203040506070809"`}},
		"isotp, data only":   {[]string{"--format", "isotp", "100A000102030405\n2206070809"}, 1, []string{"wrong_sequence_number"}},
		"can, two buses":     {[]string{"--format", "can", "can0 7E8#03410D3C\n18FEC1EE#80140600FFFFFFFF"}, 0, []string{`"Vehicle.Speed":{"value":60,"unit":"km/h"}`, `"Vehicle.TraveledDistance":{"value":1992320,"unit":"m"}`}},
		"can, no frame":      {[]string{"--format", "can", "hello"}, 1, []string{`"place":"line 1"`}},
		"j1979":              {[]string{"--format", "j1979", "430101 71"}, 0, []string{`"code":"P0171","namespace":"SAE J2012","status":"confirmed"`}},
		"j1979, negative":    {[]string{"--format", "j1979", "7F0112"}, 1, []string{"parameter not supported"}},
		"uds":                {[]string{"--format", "uds", "1902FF\n5902FF0171112D"}, 0, []string{`"code":"P0171-11"`, `"covers":["pending","confirmed","history"]`, `"uds":45`}},
		"uds, data":          {[]string{"--format", "uds", "620105003FFF 90000000000000 00001992600142 68426800005018 6103E80100000D 610000B5B40100 1600000000"}, 0, []string{`"soh_pct":100`, `"Vehicle.Powertrain.TractionBattery.StateOfHealth":{"value":100,"unit":"percent"}`}},
		"j1939":              {[]string{"--format", "j1939", "18FECA00#04FF61021300FFFF"}, 0, []string{`"code":"SPN609-FMI19","namespace":"SAE J1939-73"`, `"broadcast":true`}},
		"uds, maker's codes": {[]string{"--format", "uds", "--codes", "maker", "1902FF\n5902FF5E20002D"}, 0, []string{`"code":"0x5E2000","namespace":"maker"`}},
		"j1939, old packing": {[]string{"--format", "j1939", "--j1939-version", "1", "18FECA00#04FF000B6381FFFF"}, 0, []string{`"code":"SPN91-FMI3"`}},
		"gbt32960": {
			[]string{"--format", "gbt32960", "232302FE314731424C353250375452313135353230010020100101023B00020201017D753061A87D753C79E302017D75F862D4917D0075F8A2"}, 0,
			[]string{`"name":"drive_motor"`, `"vin":"1G1BL52P7TR115520"`, `"Vehicle.Powertrain.ElectricMotor2.Speed":{"value":10200,"unit":"rpm"}`, `"time":"2015-12-31T18:59:00Z"`},
		},
		"gbt32960, checksum": {[]string{"--format", "gbt32960", "232307FE314731424C353250375452313135353230010000D4"}, 1, []string{"wrong checksum"}},
		"gbt32960, cut":      {[]string{"--format", "gbt32960", gbt}, 1, []string{`"refused"`}},
		"gbt32960, nothing":  {[]string{"--format", "gbt32960", filepath.Join("testdata", "empty")}, 1, []string{"input is empty"}},
		"jtt808": {
			[]string{"--format", "jtt808", "7E0200002A013833501744001900000000000000C201597FA806CC01580080000000081508180721210104000002F502020000030200009F7E"}, 0,
			[]string{`"device":"013833501744"`, `"Vehicle.TraveledDistance":{"value":75700,"unit":"m"}`},
		},
		"vin":              {[]string{"--format", "vin", "LSJE36096MS140495"}, 0, []string{`"wmi":"LSJ"`, `"checkDigit":"ok"`, `[1991,2021]`}},
		"vin, wrong":       {[]string{"--format", "vin", "LSJE36096MS140495\nLSJE36O96MS140495"}, 1, []string{`"wmi":"LSJ"`, `{"place":"line 2","offset":6,`}},
		"dialect":          {[]string{"--format", "dialect:ovms3", "--topic", "ovms/alice/CAR1/metric/v/b/soc", "96.3"}, 0, []string{`"device":"alice/CAR1"`, `"value":96.3,"unit":"percent"`}},
		"dialect of bytes": {[]string{"--format", "dialect:gbt32960", "232307FE314731424C353250375452313135353230010000D4"}, 1, []string{"wrong checksum"}},
		"own topic, bytes": {[]string{"--format", "pitcrew", "--topic", "pitcrew/v1/1G1BL52P7TR115520/gbt32960", "232307FE314731424C353250375452313135353230010000D5"}, 0, []string{`"vin":"1G1BL52P7TR115520"`}},
		"dialect, bad":     {[]string{"--format", "dialect:bmw_cardata", "--topic", "a/b", "{"}, 1, []string{"JSON"}},
		"own topic": {
			[]string{"--format", "pitcrew", "--topic", "pitcrew/v1/LSJE36096MS140495/telemetry", "--time", "2026-11-22T10:00:00Z",
				`{"boot":"b7","seq":3,"samples":[{"time":"2026-11-22T09:59:58Z","signals":{"Vehicle.Speed":900,"x":"y"}}]}`}, 1,
			[]string{`"boot":"b7","seq":3`, `"time":"2026-11-22T09:59:58Z","timeSource":"device"`, `samples[0].signals.x`},
		},
		"empty text":     {[]string{"--format", "elm327", " "}, 1, []string{"input is empty"}},
		"no prompt":      {[]string{"--format", "elm327", "SEARCHING..."}, 1, []string{"stops before the prompt"}},
		"empty bus":      {[]string{"--format", "can", ""}, 1, []string{"input is empty"}},
		"empty messages": {[]string{"--format", "uds", "\n"}, 1, []string{"input is empty"}},
		"no answer":      {[]string{"--format", "can", "7E8#300000"}, 1, []string{"nothing in the input"}},
		"a request":      {[]string{"--format", "uds", "220105"}, 0, []string{`"request":{"place":"line 1","payload":"220105","service":"22"}`}},
		"no service":     {[]string{"--format", "j1979", "3F"}, 1, []string{"there is no service 3F"}},
		"answer pending": {[]string{"--format", "uds", "7F1978"}, 0, []string{`"pending":{"place":"line 1","payload":"7F1978","service":"19"}`}},
		"line numbers":   {[]string{"--format", "can", "\n\n7E8#zz\r\n7E8#01FF"}, 1, []string{`"place":"line 3"`, `"place":"line 4"`}},
		"identity is no VIN": {
			[]string{"--format", "gbt32960", hex.EncodeToString([]byte(frameOf(t, "LSJE36O96MS140495", time.Now())))}, 1,
			[]string{`"device":"LSJE36O96MS140495"`, `"place":"vin","offset":4`},
		},
		"another vehicle, dialect": {[]string{"--format", "dialect:saic", "--topic", "saic/u/vehicles/LSJE36096MS140495/drivetrain/soc", "--vin", "WP0ZZZ99ZTS392124", "50"}, 1, []string{"--vin says"}},
		"another vehicle, topic":   {[]string{"--format", "pitcrew", "--topic", "pitcrew/v1/LSJE36096MS140495/status", "--vin", "WP0ZZZ99ZTS392124", "online"}, 1, []string{"--vin says"}},

		"own topic, wrong VIN": {[]string{"--format", "pitcrew", "--topic", "pitcrew/v1/XX/telemetry", "{}"}, 1, []string{`"place":"topic"`}},

		"no format":        {[]string{"x"}, 2, nil},
		"unknown format":   {[]string{"--format", "morse", "x"}, 2, nil},
		"unknown dialect":  {[]string{"--format", "dialect:morse", "x"}, 2, nil},
		"no such VIN":      {[]string{"--format", "elm327", "--vin", "x", "410D3C"}, 2, nil},
		"no such table":    {[]string{"--format", "uds", "--table", "nowhere.csv", "62"}, 2, nil},
		"neither file nor": {[]string{"--format", "gbt32960", "nowhere.bin"}, 2, nil},
		"half a byte":      {[]string{"--format", "gbt32960", "232"}, 1, []string{"half a byte"}},
		"no topic":         {[]string{"--format", "pitcrew", "{}"}, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errOut bytes.Buffer
			if exit := run(context.Background(), append([]string{"decode"}, tt.args...), &out, &errOut); exit != tt.exit {
				t.Errorf("exit code %d, want %d: %s%s", exit, tt.exit, out.String(), errOut.String())
			}
			if (tt.exit == 2) != (errOut.Len() > 0) {
				t.Errorf("standard error: %q", errOut.String())
			}
			for _, want := range tt.prints {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %s in\n%s", want, out.String())
				}
			}
			for line := range strings.Lines(out.String()) {
				if !json.Valid([]byte(line)) {
					t.Errorf("not JSON: %s", line)
				}
			}
		})
	}
}

// The input of a binary format is a file of bytes, a file of digits, or digits.
func TestDecodeReadsFiles(t *testing.T) {
	t.Parallel()
	frame := []byte("##\x07\xFE1G1BL52P7TR115520\x01\x00\x00\xD5")
	raw, digits, own := filepath.Join(t.TempDir(), "raw"), filepath.Join(t.TempDir(), "digits"), filepath.Join(t.TempDir(), "own.csv")
	for name, content := range map[string][]byte{raw: frame, digits: []byte("232307FE314731424C353250 375452313135353230010000D5\n"), own: uds.Kona().CSV()} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var outs []string
	for _, name := range []string{raw, digits} {
		var out, errOut bytes.Buffer
		if exit := run(context.Background(), []string{"decode", "--format", "gbt32960", name}, &out, &errOut); exit != 0 {
			t.Errorf("%s: exit code %d: %s", name, exit, errOut.String())
		}
		outs = append(outs, out.String())
	}
	if outs[0] != outs[1] || !strings.Contains(outs[0], `"command":7`) {
		t.Errorf("bytes give %s, digits give %s", outs[0], outs[1])
	}
	var out, errOut bytes.Buffer
	if exit := run(context.Background(), []string{"decode", "--format", "uds", "--table", own, "62B002D0000000009B00000000A79E"}, &out, &errOut); exit != 0 {
		t.Errorf("exit code %d: %s%s", exit, out.String(), errOut.String())
	}
}
