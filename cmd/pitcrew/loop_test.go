package main

import (
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

type order struct {
	ID         string
	VIN        string
	State      string
	Origins    []string
	HistoryURL string `json:"historyUrl"`
	Lines      []struct {
		Seq       int
		Origin    string
		Component string
		Evidence  []struct{ Kind, Ref string }
	}
}

// The main job of the product, as a newcomer sees it: cars report over MQTT, and
// within a minute there are proposed orders from trouble codes and from wear and
// reminders for several owners. One order is walked to its end. Then the process
// stops, starts again on the same data, and goes on.
func TestDemoTellsTheWholeStory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("18 months of a fleet take a while")
	}
	data := t.TempDir()
	args := []string{"--vehicles", "14", "--seed", "4", "--data", data, "--truth", filepath.Join(data, "truth.json")}
	demo := startDemo(t, args...)

	var fromCodes, fromWear order
	var reminded map[string]bool
	within(t, 3*time.Minute, "proposals and reminders", func() (bool, string) {
		var orders struct{ WorkOrders []order }
		var reminders struct {
			Reminders []struct{ VIN, HistoryURL string }
		}
		if err := demo.get("/v1/workOrders?state=proposed&pageSize=200", &orders); err != nil {
			return false, err.Error()
		}
		if err := demo.get("/v1/reminders?pageSize=200", &reminders); err != nil {
			return false, err.Error()
		}
		fromCodes, fromWear, reminded = order{}, order{}, map[string]bool{}
		for _, o := range orders.WorkOrders {
			if slices.Contains(o.Origins, "trouble_codes") {
				fromCodes = o
			}
			if slices.Contains(o.Origins, "wear") {
				fromWear = o
			}
		}
		for _, r := range reminders.Reminders {
			reminded[r.VIN] = true
		}
		return fromCodes.ID != "" && fromWear.ID != "" && len(reminded) >= 3,
			fmt.Sprintf("%d orders, %d owners reminded", len(orders.WorkOrders), len(reminded))
	})
	for _, o := range []order{fromCodes, fromWear} {
		if err := demo.get(o.HistoryURL, nil); err != nil {
			t.Errorf("the link to the history: %v", err)
		}
		for _, l := range o.Lines {
			if len(l.Evidence) == 0 {
				t.Errorf("order %s line %d has no evidence", o.ID, l.Seq)
			}
		}
	}
	demo.walkToTheEnd(fromWear)
	within(t, 3*time.Minute, "the upload to end", func() (bool, string) {
		return strings.Contains(demo.out.String(), "drives on live"), demo.err.String()
	})

	demo.stop()
	again := startDemo(t, args...)
	var closed order
	if err := again.get("/v1/workOrders/"+fromWear.ID, &closed); err != nil || closed.State != "closed" {
		t.Errorf("after the restart the order is %q: %v", closed.State, err)
	}
	within(t, time.Minute, "the fleet to drive on", func() (bool, string) {
		return strings.Contains(again.out.String(), "drives on live"), again.err.String()
	})
	if n := uploadedDays(again.out.String()); n > 14*3 {
		t.Errorf("the second start uploaded %d vehicle-days again", n)
	}
}

func uploadedDays(out string) (n int) {
	for line := range strings.Lines(out) {
		if _, err := fmt.Sscanf(line, "%d vehicle-days uploaded", &n); err == nil {
			return n
		}
	}
	return n
}

// walkToTheEnd takes an order from proposed to closed and looks at what it
// leaves: a record, a new wear path, and no open reminder of that part.
func (r *running) walkToTheEnd(o order) {
	r.t.Helper()
	var component string
	for _, l := range o.Lines {
		if l.Origin == "wear" {
			component = l.Component
		}
	}
	cycle := r.cycle(o.VIN, component)
	steps := []struct {
		action, state string
		body          map[string]any
	}{
		{"accept", "open", nil},
		{"schedule", "scheduled", map[string]any{"scheduledFor": time.Now().Add(time.Hour).Format(time.RFC3339)}},
		{"checkIn", "checked_in", nil},
		{"start", "in_progress", nil},
		{"finish", "ready", nil},
		{"close", "closed", nil},
	}
	for _, s := range steps {
		body := map[string]any{"actor": "Wang"}
		for k, v := range s.body {
			body[k] = v
		}
		if err := r.post("/v1/workOrders/"+o.ID+":"+s.action, body, &o); err != nil || o.State != s.state {
			r.t.Fatalf("%s: state %q, %v", s.action, o.State, err)
		}
	}
	var history struct {
		Records []struct {
			WorkOrderID string `json:"workOrderId"`
			Items       []struct{ Component string }
		}
	}
	if err := r.get(o.HistoryURL, &history); err != nil {
		r.t.Fatal(err)
	}
	if len(history.Records) == 0 || history.Records[0].WorkOrderID != o.ID {
		r.t.Errorf("the newest record is not that of the closed order")
	}
	if after := r.cycle(o.VIN, component); after == cycle {
		r.t.Errorf("the forecast of %s was not reset: still cycle %s", component, cycle)
	}
	var open struct {
		Reminders []struct{ Item, State string }
	}
	if err := r.get("/v1/reminders?state=due_soon,due,overdue,booked&vin="+o.VIN, &open); err != nil {
		r.t.Fatal(err)
	}
	for _, rem := range open.Reminders {
		if rem.Item == component {
			r.t.Errorf("the reminder of %s is still %s", component, rem.State)
		}
	}
}

func (r *running) cycle(vin, component string) string {
	r.t.Helper()
	var f struct {
		Forecasts []struct{ Component, Cycle string }
	}
	if err := r.get("/v1/vehicles/"+vin+"/forecasts", &f); err != nil {
		r.t.Fatal(err)
	}
	for _, x := range f.Forecasts {
		if x.Component == component {
			return x.Cycle
		}
	}
	r.t.Fatalf("no forecast of %s", component)
	return ""
}

// A recorded drive goes in as ELM327 answers and comes out as a trip.
func TestAReplayedDriveIsATrip(t *testing.T) {
	t.Parallel()
	const vin = "LJCPCBLCX14500264"
	demo := startDemo(t, "--vehicles", "1", "--data", t.TempDir())
	code, out, errOut := once(t, "replay", "--vin", vin, "--broker", demo.broker, "testdata/drive.csv")
	if code != 0 || !strings.Contains(out, "120 messages acknowledged") {
		t.Fatalf("replay: exit %d, %s %s", code, out, errOut)
	}
	var trips struct {
		Trips []struct{ Samples, MaxSpeedKmh, DistanceKm float64 }
	}
	if err := demo.get("/v1/vehicles/"+vin+"/trips", &trips); err != nil {
		t.Fatal(err)
	}
	if len(trips.Trips) != 1 || trips.Trips[0].Samples != 120 || trips.Trips[0].MaxSpeedKmh != 44 || trips.Trips[0].DistanceKm <= 0 {
		t.Errorf("trips %+v", trips.Trips)
	}
	if code, _, _ := once(t, "replay", "--vin", vin, "--broker", demo.broker, "testdata/drive.csv"); code != 0 {
		t.Errorf("replaying again: exit %d", code)
	}
}

// What the README shows: a message sent with the stock client appears, one that
// makes no sense stands in quarantine with its bytes and the reason, and the
// good one after it still appears.
func TestMosquittoPubIsUnderstood(t *testing.T) {
	t.Parallel()
	pub := testserver.Find(t, "mosquitto_pub")
	const vin = "LJCPCBLCX14500264"
	demo := startDemo(t, "--vehicles", "1", "--data", t.TempDir())
	broker, err := url.Parse(demo.broker)
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(broker.Host)
	if err != nil {
		t.Fatal(err)
	}
	send := func(payload string) {
		t.Helper()
		cmd := exec.Command(pub, "-h", host, "-p", port, "-q", "1", "-t", "pitcrew/v1/"+vin+"/telemetry", "-m", payload)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("mosquitto_pub: %v: %s", err, out)
		}
	}
	send(`{"samples": [{"time": "yesterday", "signals": {}}]}`)
	send(fmt.Sprintf(`{"boot":"b1","seq":1,"samples":[{"time":%q,"signals":{"Vehicle.Speed":63.2,"Vehicle.TraveledDistance":48213400}}]}`,
		time.Now().UTC().Format(time.RFC3339)))

	var series struct {
		Unit   string
		Points []struct{ Last float64 }
	}
	if err := demo.get("/v1/vehicles/"+vin+"/series?signal=Vehicle.Speed", &series); err != nil {
		t.Fatal(err)
	}
	if len(series.Points) != 1 || series.Points[0].Last != 63.2 || series.Unit != "km/h" {
		t.Errorf("series %+v", series)
	}
	var quarantine struct {
		Messages []struct{ Topic, Reason, Payload string }
	}
	if err := demo.get("/v1/quarantine", &quarantine); err != nil {
		t.Fatal(err)
	}
	if len(quarantine.Messages) != 1 || !strings.Contains(quarantine.Messages[0].Topic, vin) ||
		quarantine.Messages[0].Reason == "" || quarantine.Messages[0].Payload == "" {
		t.Errorf("quarantine %+v", quarantine.Messages)
	}
}
