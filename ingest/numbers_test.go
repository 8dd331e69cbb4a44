package ingest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A message that is in quarantine came: it is not missing, if it says which one it
// is. One that cannot say so, or of which nobody knows whose it is, does not count.
func TestRefusedMessagesCameToo(t *testing.T) {
	t.Parallel()
	const good = `{"boot":"b","seq":7,"samples":[{"time":"2026-11-22T12:00:00Z","signals":{"Vehicle.Speed":1}}]}`
	for name, test := range map[string]struct {
		kind    obd.Kind
		payload string
		from    vehicle.VIN
		want    []uint64
	}{
		"stored":                       {obd.Telemetry, good, "", []uint64{7}},
		"all samples impossible":       {obd.Telemetry, `{"boot":"b","seq":7,"samples":[{"time":"1970-01-01T00:00:00Z","signals":{"Vehicle.Speed":1}}]}`, "", []uint64{7}},
		"no samples":                   {obd.Telemetry, `{"boot":"b","seq":7}`, "", []uint64{7}},
		"cut off behind the number":    {obd.Telemetry, `{"boot":"b","seq":7,"samples":[{"ti`, "", []uint64{7}},
		"codes of an impossible time":  {obd.DTC, `{"boot":"b","seq":7,"time":"2038-01-19T03:14:07Z","codes":[]}`, "", []uint64{7}},
		"codes cut off":                {obd.DTC, `{"seq":7,"boot":"b","codes":[{"code":"P0171"}]}`, "", []uint64{7}},
		"an adapter's noise":           {obd.Adapter, `{"boot":"b","seq":7,"time":"2026-11-22T12:00:00Z","elm327":"41 0C"}`, "", []uint64{7}},
		"an adapter without a time":    {obd.Adapter, `{"boot":"b","seq":7,"elm327":"41 0C"}`, "", []uint64{7}},
		"trucks' frames as text":       {obd.J1939, `{"boot":"b","seq":7,"time":"2026-11-22T12:00:00Z","elm327":"41 0C"}`, "", []uint64{7}},
		"from the vehicle itself":      {obd.Telemetry, `{"boot":"b","seq":7}`, carA, []uint64{7}},
		"from another vehicle":         {obd.Telemetry, `{"boot":"b","seq":7}`, carB, nil},
		"stored, from another vehicle": {obd.Telemetry, good, carB, nil},
		"about another vehicle":        {obd.Telemetry, `{"boot":"b","seq":7,"vin":"WVWZZZ1JZXW000001","samples":[]}`, "", nil},
		"cut off in the number":        {obd.Telemetry, `{"boot":"b","seq":7`, "", nil},
		"two numbers":                  {obd.Telemetry, `{"boot":"b","seq":7,"seq":8,"samples":[]}`, "", nil},
		"two boots":                    {obd.Telemetry, `{"boot":"b","seq":7,"boot":"c","samples":[]}`, "", nil},
		"a number without a boot":      {obd.Telemetry, `{"seq":7,"samples":[]}`, "", nil},
		"a boot without a number":      {obd.Telemetry, `{"boot":"b","samples":[]}`, "", nil},
		"a boot and a wrong number":    {obd.Telemetry, `{"boot":"b","seq":-7,"samples":[]}`, "", nil},
		"no JSON":                      {obd.Telemetry, `online`, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := runPipeline(t, nil)
				b.send(ingest.Message{Topic: obd.Topic(carA, test.kind), Payload: []byte(test.payload), Received: noon, From: test.from})
				b.finish()
				b.wantDone("0")
				var got []uint64
				for _, seen := range b.facts.batches[0].Seen {
					if seen.Boot == "" {
						continue
					}
					if seen.VIN != carA || seen.Boot != "b" || !seen.Received.Equal(noon) || !seen.LastEvent.Equal(time.Time{}) && len(b.facts.refused()) > 0 {
						t.Errorf("recorded %+v", seen)
					}
					got = append(got, seen.Seq)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("numbers (-want +got):\n%s", diff)
				}
			})
		})
	}
}
