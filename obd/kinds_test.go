package obd_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// bus is a message of CAN frames, given as candump writes them.
func bus(frames ...string) []byte {
	parts := make([]string, len(frames))
	for i, f := range frames {
		id, data, _ := strings.Cut(f, "#")
		parts[i] = fmt.Sprintf(`{"id":%q,"data":%q}`, id, data)
	}
	return fmt.Appendf(nil, `{"time":"2026-11-22T09:59:58Z","frames":[%s]}`, strings.Join(parts, ","))
}

func uds8(v uint8) *uint8 { return &v }

// Codes of service 19 are a full set only with the mask that they were asked with,
// which the tester's frame or the adapter's echo tells.
func TestDecodeCodesByStatus(t *testing.T) {
	t.Parallel()
	entry := vehicle.CodeEntry{Code: "P0171-11", Status: vehicle.CodeConfirmed, UDS: uds8(0x2D)}
	all := []vehicle.CodeStatus{vehicle.CodePending, vehicle.CodeConfirmed, vehicle.CodeHistory}
	off := false
	for name, tt := range map[string]struct {
		payload []byte
		want    vehicle.CodeReport
	}{
		"asked by frame": {
			bus("7E0#031902FF00000000", "7E8#075902FF0171112D"),
			vehicle.CodeReport{Time: sampled, ECU: "7E8", Covers: all, MIL: &off, Codes: []vehicle.CodeEntry{entry}},
		},
		"asked of all": {
			bus("7DF#031902FF00000000", "7E9#075902FF0171112D"),
			vehicle.CodeReport{Time: sampled, ECU: "7E9", Covers: all, MIL: &off, Codes: []vehicle.CodeEntry{entry}},
		},
		"asked by echo": {
			[]byte(`{"time":"2026-11-22T09:59:58Z","elm327":"1902FF\r7E8 07 59 02 FF 01 71 11 2D\r\r>"}`),
			vehicle.CodeReport{Time: sampled, ECU: "7E8", Covers: all, MIL: &off, Codes: []vehicle.CodeEntry{entry}},
		},
		"asked under a maker's id": {
			bus("7C6#031902FF00000000", "7CE#075902FF0171112D"),
			vehicle.CodeReport{Time: sampled, ECU: "7CE", Covers: all, MIL: &off, Codes: []vehicle.CodeEntry{entry}},
		},
		"question not heard": {
			bus("7E8#075902FF0171112D"),
			vehicle.CodeReport{Time: sampled, ECU: "7E8", Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Codes: []vehicle.CodeEntry{entry}},
		},
	} {
		got, refused, err := obd.Decode(obd.Adapter, vin, tt.payload, received)
		if err != nil || len(refused) > 0 {
			t.Errorf("%s: %v, %v", name, refused, err)
		}
		if diff := cmp.Diff([]vehicle.CodeReport{tt.want}, got.Codes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What stands behind a maker's data identifier is read only on cars that are known
// to have it.
func TestDecodeDataOfTheMaker(t *testing.T) {
	t.Parallel()
	tyres := bus("7A8#101762C00BFFFF00", "7A8#2100954001009540", "7A8#220100963E010096", "7A8#23400100AAAAAAAA")
	if got, refused, err := obd.Decode(obd.Adapter, vin, tyres, received); err == nil {
		t.Errorf("got %+v, %v of a car that nothing is known of", got, refused)
	}
	kona := obd.Decoder{Cars: func(v vehicle.VIN) ecu.Options {
		if v != vin {
			return ecu.Options{}
		}
		return ecu.Options{Table: uds.Kona()}
	}}
	got, refused, err := kona.Decode(obd.Adapter, vin, tyres, received)
	if err != nil || len(refused) > 0 || len(got.Samples) != 1 {
		t.Fatalf("got %+v, %v, %v", got, refused, err)
	}
	want := vehicle.Signal("Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure")
	for _, r := range got.Samples[0].Readings {
		if r.Signal == want {
			if kPa := r.Value.Num; kPa < 205.4 || kPa > 205.5 { // 29.8 psi
				t.Errorf("%s is %v kPa, want 205.46", want, kPa)
			}
			return
		}
	}
	t.Errorf("no %s in %+v", want, got.Samples[0].Readings)
}

func TestDecodeJ1939Message(t *testing.T) {
	t.Parallel()
	got, refused, err := obd.Decode(obd.J1939, vin, bus("18FECA00#04FF61021300FFFF", "18FEC1EE#80140600", "1#00", "123#00"), received)
	if err != nil {
		t.Fatal(err)
	}
	checkRefusals(t, refused, []string{"parse CAN id", "too short for SPN 918", "J1939"})
	if refused[2].Place != "frames[3]" {
		t.Errorf("place is %s, want frames[3]", refused[2].Place)
	}
	mil := false
	want := vehicle.Report{
		VIN:     vin,
		Samples: []vehicle.Sample{{Time: sampled, Readings: []vehicle.Reading{number(vehicle.TraveledDistance, 1992320)}}},
		Codes: []vehicle.CodeReport{{
			Time: sampled, ECU: "SA00", MIL: &mil, Covers: []vehicle.CodeStatus{vehicle.CodeConfirmed}, Broadcast: true,
			Codes: []vehicle.CodeEntry{{Code: "SPN609-FMI19", Status: vehicle.CodeConfirmed}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeGBT32960Message(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 17, 59, 58, 0, time.FixedZone("GMT+8", 8*3600)) // the cars' clock
	frame := gbt32960.Frame{
		Edition: gbt32960.Edition2025, Command: gbt32960.CommandReissue, Response: gbt32960.IsCommand, Encryption: gbt32960.Unencrypted, Time: at,
		Units: []gbt32960.Unit{&gbt32960.Engine{Speed: gbt32960.Number{Value: 1200}}},
	}
	frame.SetVIN(vin)
	payload, err := gbt32960.AppendFrame(nil, &frame)
	if err != nil {
		t.Fatal(err)
	}
	got, refused, err := obd.Decode(obd.GBT32960, vin, payload, received)
	if err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	want := []vehicle.Sample{{Time: sampled, Readings: []vehicle.Reading{number(vehicle.EngineSpeed, 1200)}}}
	if diff := cmp.Diff(want, got.Samples); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	payload[len(payload)-1] ^= 1
	var unusable *obd.UnusableError
	if _, _, err := obd.Decode(obd.GBT32960, vin, payload, received); !errors.As(err, &unusable) || !strings.Contains(unusable.Refusals[0].Reason, "checksum") {
		t.Errorf("got %v, want the wrong checksum", err)
	}
	frame.SetVIN("LSJE36096MS140495")
	if payload, err = gbt32960.AppendFrame(nil, &frame); err != nil {
		t.Fatal(err)
	}
	if _, _, err := obd.Decode(obd.GBT32960, vin, payload, received); !errors.As(err, &unusable) || unusable.Refusals[0].Place != "frames[0].vin" {
		t.Errorf("got %v, want a refusal of another vehicle's frame", err)
	}
}
