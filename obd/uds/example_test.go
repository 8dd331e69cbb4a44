package uds_test

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/uds"
)

func ExampleDecodeCodes() {
	request, _ := uds.ParseRequest([]byte{0x19, 0x02, 0xFF})
	answer := []byte{0x59, 0x02, 0xFF, 0x01, 0x33, 0x11, 0xAF, 0xC1, 0x00, 0x87, 0x24}
	codes, _, err := uds.DecodeCodes(answer, uds.Options{Request: request})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range codes.DTCs {
		fmt.Println(d.Code, d.Failure, d.Status.Code())
	}
	report, complete := codes.Report(time.Now(), "7E8")
	fmt.Println(complete, report.Covers, "lamp", *report.MIL)
	// Output:
	// P0133-11 short to ground confirmed
	// U0100-87 message missing pending
	// true [pending confirmed history] lamp true
}

func ExampleDecodeData() {
	answer := []byte{0x62, 0xB0, 0x02, 0xD0, 0, 0, 0, 0, 0x9B, 0, 0, 0, 0, 0xA7, 0x9E}
	kona := uds.Kona()
	kona.Cluster = "km"
	data, _, err := uds.DecodeData(answer, uds.Options{ECU: "7CE", Table: kona})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range data.Readings() {
		fmt.Println(r.Signal, int(r.Value.Num))
	}
	// Output: Vehicle.TraveledDistance 42910000
}

func ExampleParseTable() {
	_, faults := uds.ParseTable("my car", []byte(
		`did,ecu,bytes,name,bit,bits,signed,num,den,offset,unit,absent,with,signal,scale
0101,7EC,6,soc,32,8,,,2,,%,255,,Vehicle.Powertrain.TractionBattery.StateOfCharge.Current,
0101,7EC,6,volts,32,16,,,10,,V,,,Vehicle.Powertrain.TractionBattery.CurrentVoltage,
`))
	for _, f := range faults {
		fmt.Println(f)
	}
	// Output: line 3, DID 0101, volts, byte 170: bit 32 belongs to soc
}
