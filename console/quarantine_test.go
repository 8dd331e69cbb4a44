package console_test

import (
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/html"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

func TestQuarantineOffersReplayAndDiscard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.data.refused[1].Partial = true
	got := b.get(english, "/quarantine?reason=check&vin=lsvaa4182e2123456&topic=pitcrew/")
	got.sees("2 messages match the filter.", "Replay 2 messages", "Discard 2 entries for good", "Cannot be replayed: not all of its bytes are here.")
	list := b.api.lists[len(b.api.lists)-1].(*pitcrewv1.ListQuarantineRequest)
	if list.GetReason() != "check" || list.GetVin() != carVIN || list.GetTopicPrefix() != "pitcrew/" || !list.GetCount() {
		t.Errorf("the API was asked %v", list)
	}
	actions := map[string]int{}
	for _, f := range got.find("form", func(n *html.Node) bool { return attr(n, "method") == "post" }) {
		actions[attr(f, "action")]++
	}
	if actions["/quarantine/replay"] != 2 || actions["/quarantine/discard"] != 3 {
		t.Errorf("forms: %v, want one for each entry and one for all, but none to replay a part", actions)
	}
	b.get(chinese, "/quarantine").sees("2 条消息", "重新处理 2 条消息", "永久丢弃 2 条记录")
}

func TestQuarantineActions(t *testing.T) {
	t.Parallel()
	counted := now.Add(-time.Minute)
	matching := form("all", "1", "reason", "check", "topic", "pitcrew/", "before", counted.Format(time.RFC3339Nano))
	to := timestamppb.New(counted)
	for name, tt := range map[string]struct {
		path  string
		form  map[string][]string
		asked []proto.Message
		says  []string
	}{
		"replay one": {"/quarantine/replay", form("id", "q1", "reason", "check"),
			[]proto.Message{&pitcrewv1.ReplayQuarantineRequest{Ids: []string{"q1"}}}, []string{"1 message was taken in."}},
		"replay all": {"/quarantine/replay", matching,
			[]proto.Message{
				&pitcrewv1.ReplayQuarantineRequest{Reason: "check", TopicPrefix: "pitcrew/", To: to, PageSize: 200},
				&pitcrewv1.ReplayQuarantineRequest{Reason: "check", TopicPrefix: "pitcrew/", To: to, PageSize: 200, PageToken: "rest"},
			},
			[]string{"1 message was taken in.", "1 is refused still", "1 could not be tried"}},
		"discard one": {"/quarantine/discard", form("id", "q1"),
			[]proto.Message{&pitcrewv1.DiscardQuarantineRequest{Ids: []string{"q1"}}}, []string{"1 entry was discarded."}},
		"discard all": {"/quarantine/discard", matching,
			[]proto.Message{
				&pitcrewv1.DiscardQuarantineRequest{Reason: "check", TopicPrefix: "pitcrew/", To: to},
				&pitcrewv1.DiscardQuarantineRequest{Reason: "check", TopicPrefix: "pitcrew/", To: to},
			},
			[]string{"2 entries were discarded."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			got := b.post(tt.path, tt.form)
			if got.StatusCode != http.StatusOK {
				t.Errorf("answered %d", got.StatusCode)
			}
			got.sees(tt.says...)
			got.soundlyBuilt()
			if len(b.api.asked) != len(tt.asked) {
				t.Fatalf("the API was asked %v", b.api.asked)
			}
			for i, want := range tt.asked {
				if !proto.Equal(b.api.asked[i], want) {
					t.Errorf("the API was asked %v, want %v", b.api.asked[i], want)
				}
			}
			kept := got.find("input", func(n *html.Node) bool {
				return attr(n, "type") == "search" && attr(n, "name") == "reason" && attr(n, "value") == firstOf(tt.form["reason"])
			})
			if len(kept) != 1 {
				t.Error("the filter is lost")
			}
		})
	}
}

func firstOf(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

func TestQuarantineActionsThatFail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.fail("ReplayQuarantine", refusal(codes.Unimplemented, "", "this pitcrew takes no messages in: ask one that does"))
	got := b.post("/quarantine/replay", form("id", "q1"))
	if got.StatusCode != http.StatusNotImplemented {
		t.Errorf("answered %d", got.StatusCode)
	}
	got.sees("This pitcrew takes no messages in: ask one that does.", "10 bytes")
	if got := b.post("/quarantine/replay", form()); got.StatusCode != http.StatusBadRequest {
		t.Errorf("without saying which: answered %d", got.StatusCode)
	}
	if got := b.post("/quarantine/explode", form("id", "q1")); got.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown action answered %d", got.StatusCode)
	}
}
