package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// A long series is read in stretches; together they are what windows count.
func TestALongSeriesIsWhole(t *testing.T) {
	t.Parallel()
	s := serve(t)
	path := "/v1/vehicles/" + string(s.proposed(workorders.OriginWear).VIN) + "/series?signal=Vehicle.Speed&from=1900-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
	measured := get(s, path, &pitcrewv1.GetSeriesResponse{}).GetPoints()
	windows := get(s, path+"&every=876h", &pitcrewv1.GetSeriesResponse{}).GetPoints()
	var counted int32
	for _, w := range windows {
		counted += w.GetCount()
	}
	if len(measured) < 1000 || int(counted) != len(measured) {
		t.Errorf("%d measurements, %d in windows", len(measured), counted)
	}
	for i := range measured[1:] {
		if !measured[i].GetTime().AsTime().Before(measured[i+1].GetTime().AsTime()) {
			t.Fatalf("measurement %d is not before the next", i)
		}
	}
}

// What would not fit an answer is refused with what to do instead.
func TestTooMuchForOneAnswer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 100,000 samples")
	}
	s := serve(t)
	order := s.proposed(workorders.OriginWear)
	const n = 100_001
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	batch := make([]telemetry.Record, n)
	for i := range batch {
		batch[i] = telemetry.Record{VIN: order.VIN, Received: now, Sample: vehicle.Sample{
			Time:     start.Add(time.Duration(i) * time.Second),
			Readings: []vehicle.Reading{{Signal: "Vehicle.Speed", Value: vehicle.Number(float64(i % 120))}},
		}}
	}
	if err := s.telemetry.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	path, span := "/v1/vehicles/"+string(order.VIN), "from=2024-01-01T00:00:00Z&to=2024-01-04T00:00:00Z"
	resp, body := s.send("GET", path+"/series?signal=Vehicle.Speed&"+span, "")
	checkProblem(t, resp, body, wantProblem{400, "invalid", "every", "more than 50000 measurements in this span: ask for windows"})
	resp, body = s.send("GET", path+"/trips?"+span, "")
	checkProblem(t, resp, body, wantProblem{400, "invalid", "from", "more than 100000 samples in this span"})

	if points := get(s, path+"/series?signal=Vehicle.Speed&every=1h&"+span, &pitcrewv1.GetSeriesResponse{}).GetPoints(); len(points) != n/3600+1 {
		t.Errorf("%d points of an hour", len(points))
	}
	// The largest answer fits what a gRPC client takes unless told otherwise.
	most := fmt.Sprintf("&from=2024-01-01T00:00:00Z&to=%s", start.Add(50_000*time.Second).Format(time.RFC3339))
	if resp, _ := s.send("GET", path+"/series?signal=Vehicle.Speed"+most, ""); resp.StatusCode != http.StatusOK {
		t.Errorf("50,000 points: %s", resp.Status)
	}
	_, err := pitcrewv1.NewVehicleServiceClient(s.dial()).GetSeries(t.Context(), &pitcrewv1.GetSeriesRequest{
		Vin: string(order.VIN), Signal: "Vehicle.Speed", From: timestamppb.New(start), To: timestamppb.New(start.Add(50_000 * time.Second)),
	})
	if err != nil {
		t.Errorf("50,000 points over gRPC: %v", err)
	}
}

// Large payloads make pages short, not answers too large; all of them come.
func TestQuarantineOfLargeMessages(t *testing.T) {
	t.Parallel()
	s := serve(t)
	var messages []simulator.Message
	for n := range 5 {
		payload := bytes.Repeat([]byte{byte('a' + n)}, 1_000_000)
		messages = append(messages, simulator.Message{Topic: "pitcrew/v1/1M8GDM9AXKP042788/telemetry", Payload: payload})
	}
	if err := s.take(t.Context(), messages); err != nil {
		t.Fatal(err)
	}
	client := pitcrewv1.NewQuarantineServiceClient(s.dial())
	seen, token := map[string]bool{}, ""
	for range 10 {
		page, err := client.ListQuarantine(t.Context(), &pitcrewv1.ListQuarantineRequest{PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, m := range page.GetMessages() {
			seen[m.GetId()] = true
			size += len(m.GetPayload())
		}
		if size > 2<<20 {
			t.Errorf("%d bytes of payload on a page", size)
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if len(seen) != 3+len(messages) || token != "" {
		t.Errorf("%d messages came, want %d", len(seen), 3+len(messages))
	}
}
