package planner_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// Whoever plans the work must see that not everybody may do it.
func TestALineNamesTheCertificateItsWorkNeeds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	w := open(t, now)
	const vin vehicle.VIN = "LSVAA4187E2184848"
	w.take([]simulator.Message{{
		Topic: obd.Topic(vin, obd.DTC),
		Payload: fmt.Appendf(nil, `{"boot":"b","seq":1,"time":%q,"ecu":"7E8","mil":true,"codes":[{"code":"P0AA6","status":"confirmed"}]}`,
			now.Add(-time.Hour).Format(time.RFC3339)),
	}})
	w.settle()
	if line := w.proposed(workorders.OriginCodes).Lines[0]; line.Skill != "high_voltage" || line.Drivability != "stop" {
		t.Errorf("the line on lost insulation needs %q and says %q, want high_voltage and stop", line.Skill, line.Drivability)
	}
}
