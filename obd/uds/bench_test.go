package uds_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/uds"
)

func BenchmarkDecodeCodes(b *testing.B) {
	message := unhex(b, "5902FF 01331128 01341124 C1008728 5E200024 9A0B1620 01711328 03001128 04201124 05621624 B1234528")
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		if codes, _, err := uds.DecodeCodes(message, uds.Options{}); err != nil || len(codes.DTCs) != 10 {
			b.Fatal(codes, err)
		}
	}
}

func BenchmarkDecodeData(b *testing.B) {
	message := unhex(b, konaBattery)
	options := uds.Options{ECU: "7EC", Table: uds.Kona()}
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		if data, _, err := uds.DecodeData(message, options); err != nil || len(data.Readings()) != 17 {
			b.Fatal(data, err)
		}
	}
}

func BenchmarkParseTable(b *testing.B) {
	text := uds.Kona().CSV()
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, faults := uds.ParseTable("kona", text); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}
