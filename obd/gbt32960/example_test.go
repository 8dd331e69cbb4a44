package gbt32960_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
)

func Example() {
	b, _ := hex.DecodeString("232304FE4C535641413431383245323138343834370100081A0B14081E0F0007DF")
	var f gbt32960.Frame
	if err := f.Decode(b); err != nil {
		fmt.Println(err)
	}
	text, _ := json.Marshal(&f)
	fmt.Println(string(text))
	// Output:
	// {"edition":"2016","command":4,"response":254,"vin":"LSVAA4182E2184847","encryption":1,"data_length":8,"length_valid":true,"bcc":223,"bcc_computed":223,"bcc_valid":true,"time":"2026-11-20T08:30:15+08:00","logout":{"sequence":7}}
}

func ExampleDecodeReport() {
	f := gbt32960.Frame{
		Edition: gbt32960.Edition2025, Command: gbt32960.CommandReissue, Response: gbt32960.IsCommand, Encryption: gbt32960.Unencrypted,
		Time:  time.Date(2026, 11, 20, 0, 30, 15, 0, time.UTC),
		Units: []gbt32960.Unit{&gbt32960.Engine{Speed: gbt32960.Number{Value: 800}}, &gbt32960.Alarm{MaxLevel: 2, Flags: 1 << 11}},
	}
	f.SetVIN("LSVAA4182E2184847")
	payload, _ := gbt32960.AppendFrame(nil, &f)

	report, _, _ := gbt32960.DecodeReport("LSVAA4182E2184847", payload, time.Time{})
	for _, s := range report.Samples {
		fmt.Println(s.Time, s.Readings[0].Signal, s.Readings[0].Value)
	}
	for _, c := range report.Codes[0].Codes {
		fmt.Println(c.Code, c.Status, gbt32960.AlarmName(11))
	}
	// Output:
	// 2026-11-20 00:30:15 +0000 UTC Vehicle.Powertrain.CombustionEngine.Speed 800
	// GBT-A11 confirmed insulation
}
