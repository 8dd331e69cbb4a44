package ingest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Of the equal sets of codes that a car broadcasts, the earliest in each hour is
// recorded whatever comes first, and few others.
func TestBroadcastCodesAreRecordedOnceAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		alarm := []vehicle.CodeEntry{{Code: vehicle.CodeFromAlarm(13), Status: vehicle.CodeConfirmed}}
		b := runPipeline(t, func(o *ingest.Options) {
			o.Decode = func(topic string, payload []byte, _ time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
				at, err := time.Parse(time.RFC3339, string(payload))
				r := vehicle.CodeReport{Time: at, ECU: "GBT", Broadcast: true}
				if topic == "alarm" {
					r.Codes = alarm
				}
				return vehicle.Report{VIN: carA, Codes: []vehicle.CodeReport{r}}, nil, err
			}
		})
		at := func(d time.Duration) []byte { return []byte(noon.Add(d).Format(time.RFC3339)) }
		for _, m := range []ingest.Message{
			{Topic: "quiet", Payload: at(2 * time.Second), Received: noon.Add(2 * time.Hour)},
			{Topic: "quiet", Payload: at(3 * time.Second), Received: noon.Add(2 * time.Hour)},
			{Topic: "quiet", Payload: at(time.Second), Received: noon.Add(2 * time.Hour)}, // late, and the earliest
			{Topic: "alarm", Payload: at(4 * time.Second), Received: noon.Add(2 * time.Hour)},
			{Topic: "quiet", Payload: at(5 * time.Second), Received: noon.Add(2 * time.Hour)},
			{Topic: "alarm", Payload: at(6 * time.Second), Received: noon.Add(2 * time.Hour)},
			{Topic: "quiet", Payload: at(time.Hour), Received: noon.Add(2 * time.Hour)},
		} {
			b.send(m)
			synctest.Wait()
		}
		b.finish()
		var got []int
		for _, c := range b.facts.codes() {
			got = append(got, int(c.Report.Time.Sub(noon).Seconds()))
		}
		if want := []int{2, 1, 4, 3600}; !slices.Equal(want, got) {
			t.Errorf("recorded after %v s, want %v", got, want)
		}
	})
}
