package api_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/pitcrew-telematics/pitcrew/api"
	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/ingest"
)

const (
	readable = "1M8GDM9AXKP042788"
	stranger = "WVWZZZ1JZXW000001"
)

// shelve puts a message into quarantine that can be read now.
func (s *served) shelve(n int, change ...func(*ingest.Refused)) ingest.Refused {
	s.t.Helper()
	r := ingest.Refused{
		Topic: "pitcrew/v1/" + readable + "/telemetry", VIN: readable, Reason: "an older pitcrew could not read it", Received: now.Add(-time.Hour),
		Payload: fmt.Appendf(nil, `{"samples":[{"time":"2026-04-30T12:00:%02dZ","signals":{"Vehicle.Speed":%d}}]}`, n, n),
	}
	for _, f := range change {
		f(&r)
	}
	if err := s.db.Record(s.t.Context(), ingest.Batch{Refused: []ingest.Refused{r}}); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// post sends a request over HTTP.
func post[M proto.Message](s *served, path, body string, into M) M {
	s.t.Helper()
	resp, answer := s.send("POST", path, body)
	if resp.StatusCode != http.StatusOK {
		s.t.Fatalf("POST %s: %s %s", path, resp.Status, answer)
	}
	if err := protojson.Unmarshal(answer, into); err != nil {
		s.t.Fatalf("POST %s: %v", path, err)
	}
	return into
}

func replayOf(replayed, refused, incomplete int32) *pitcrewv1.ReplayQuarantineResponse {
	return &pitcrewv1.ReplayQuarantineResponse{Replayed: replayed, StillRefused: refused, Incomplete: incomplete}
}

// speeds is how many samples of speed are stored of the car.
func (s *served) speeds() int {
	s.t.Helper()
	resp, body := s.send("GET", "/v1/vehicles/"+readable+"/series?signal=Vehicle.Speed&from=2026-04-30T00:00:00Z&to=2026-05-01T00:00:00Z", "")
	if resp.StatusCode == http.StatusNotFound {
		return 0
	}
	var series pitcrewv1.GetSeriesResponse
	if err := protojson.Unmarshal(body, &series); err != nil {
		s.t.Fatalf("%s %v", body, err)
	}
	return len(series.GetPoints())
}

func TestReplayGoesOnFromPageToPage(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for n := range 5 {
		s.shelve(n)
	}
	s.shelve(59, func(r *ingest.Refused) { r.Partial = true })
	client := pitcrewv1.NewQuarantineServiceClient(s.api.Conn())
	sum, pages, token := replayOf(0, 0, 0), 0, ""
	for ; pages == 0 || token != ""; pages++ {
		var page *pitcrewv1.ReplayQuarantineResponse
		if pages%2 == 0 {
			page = post(s, "/v1/quarantine:replay", fmt.Sprintf(`{"pageSize": 2, "pageToken": %q}`, token), &pitcrewv1.ReplayQuarantineResponse{})
		} else {
			var err error
			if page, err = client.ReplayQuarantine(t.Context(), &pitcrewv1.ReplayQuarantineRequest{PageSize: 2, PageToken: token}); err != nil {
				t.Fatal(err)
			}
		}
		sum.Replayed += page.GetReplayed()
		sum.StillRefused += page.GetStillRefused()
		sum.Incomplete += page.GetIncomplete()
		token = page.GetNextPageToken()
	}
	if want := replayOf(5, 3, 1); !proto.Equal(sum, want) || pages != 5 {
		t.Errorf("%v in %d pages, want %v in 5", sum, pages, want)
	}
	if n := s.speeds(); n != 5 {
		t.Errorf("%d samples stored, want 5", n)
	}
	if left := get(s, "/v1/quarantine", &pitcrewv1.ListQuarantineResponse{}).GetMessages(); len(left) != 4 {
		t.Errorf("%d entries left, want 4", len(left))
	}
	if again := post(s, "/v1/quarantine:replay", "", &pitcrewv1.ReplayQuarantineResponse{}); !proto.Equal(again, replayOf(0, 3, 1)) {
		t.Errorf("again: %v", again)
	}
}

// A filter vouches for nobody; who names a message does.
func TestOnlyANamedMessageIsVouchedFor(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.shelve(1, func(r *ingest.Refused) { r.From, r.Reason = stranger, stranger+" sent a message about "+readable })
	s.shelve(2)
	if got := post(s, "/v1/quarantine:replay", `{"vin": "`+readable+`"}`, &pitcrewv1.ReplayQuarantineResponse{}); !proto.Equal(got, replayOf(1, 1, 0)) {
		t.Errorf("by filter: %v", got)
	}
	if n := s.speeds(); n != 1 {
		t.Errorf("%d samples stored, want that of the car itself", n)
	}
	left := get(s, "/v1/quarantine?vin="+readable, &pitcrewv1.ListQuarantineResponse{}).GetMessages()
	if len(left) != 1 || !strings.Contains(left[0].GetReason(), stranger) {
		t.Fatalf("left: %v", left)
	}
	named := post(s, "/v1/quarantine:replay", `{"ids": ["`+left[0].GetId()+`"]}`, &pitcrewv1.ReplayQuarantineResponse{})
	if !proto.Equal(named, replayOf(1, 0, 0)) || s.speeds() != 2 {
		t.Errorf("by name: %v, %d samples stored", named, s.speeds())
	}
}

func TestAPitcrewWithoutIngestDoesNotReplay(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *api.Options) { o.Replay = nil })
	resp, body := s.send("POST", "/v1/quarantine:replay", "")
	checkProblem(t, resp, body, wantProblem{501, "unsupported", "", "takes no messages in"})
}

func TestReplayWhileStopping(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *api.Options) {
		o.Replay = func(context.Context, iter.Seq2[ingest.Kept, error]) (ingest.Replayed, error) {
			return ingest.Replayed{}, ingest.ErrStopping
		}
	})
	resp, body := s.send("POST", "/v1/quarantine:replay", "")
	checkProblem(t, resp, body, wantProblem{503, "unavailable", "", "stopping"})
}

func TestDiscardTakesWhatIsNamed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.shelve(1)
	s.shelve(2)
	list := get(s, "/v1/quarantine?vin="+readable, &pitcrewv1.ListQuarantineResponse{}).GetMessages()
	if len(list) != 2 {
		t.Fatalf("%d entries, want 2", len(list))
	}
	got := post(s, "/v1/quarantine:discard", `{"ids": ["`+list[0].GetId()+`"]}`, &pitcrewv1.DiscardQuarantineResponse{})
	left := get(s, "/v1/quarantine?vin="+readable, &pitcrewv1.ListQuarantineResponse{}).GetMessages()
	if got.GetDiscarded() != 1 || got.GetMore() || len(left) != 1 || left[0].GetId() != list[1].GetId() {
		t.Errorf("%v; left: %v", got, left)
	}
}

// What takes longer than a turn is left for the next call.
func TestDiscardingALotTakesTurns(t *testing.T) {
	t.Parallel()
	clock := now
	s := serve(t, func(o *api.Options) {
		o.Now = func() time.Time { clock = clock.Add(time.Second); return clock }
	})
	var b ingest.Batch
	for n := range 3000 {
		b.Refused = append(b.Refused, ingest.Refused{Topic: fmt.Sprint("weather/", n), Reason: "r", Received: now})
	}
	if err := s.db.Record(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	client := pitcrewv1.NewQuarantineServiceClient(s.api.Conn())
	var turns []int32
	for more := true; more; {
		got, err := client.DiscardQuarantine(t.Context(), &pitcrewv1.DiscardQuarantineRequest{TopicPrefix: "weather/"})
		if err != nil {
			t.Fatal(err)
		}
		turns, more = append(turns, got.GetDiscarded()), got.GetMore()
	}
	if !slices.Equal(turns, []int32{2000, 1000}) {
		t.Errorf("discarded %v", turns)
	}
}

func TestTooManyIDs(t *testing.T) {
	t.Parallel()
	s := serve(t)
	client := pitcrewv1.NewQuarantineServiceClient(s.api.Conn())
	ids := make([]string, 201)
	_, err := client.ReplayQuarantine(t.Context(), &pitcrewv1.ReplayQuarantineRequest{Ids: ids})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("replay: %v", err)
	}
	if _, err = client.DiscardQuarantine(t.Context(), &pitcrewv1.DiscardQuarantineRequest{Ids: ids}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("discard: %v", err)
	}
}
