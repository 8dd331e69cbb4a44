package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

func TestRemindersTellWhenAndWhy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	open := b.get(english, "/reminders")
	open.sees(
		"Engine oil Overdue Toyota Etios 2014 KA 05 MX 2211 The plan asks for it every 10,000 km. 18 Nov 2026 6 days ago at 132,000 km owner told: Due soon, Due",
		"Front brake pads Due soon Soon Pudong 07", "13 Dec 2026 in 19 days 9 Dec 2026 to 19 Dec 2026 at 49,370 km", "until 1 Dec 2026, 08:00",
	)
	if strings.Contains(open.text(), "Tyres") {
		t.Error("a reminder that is done is among the open ones")
	}
	b.get(english, "/reminders?state=done").sees("Tyres Done")
	b.get(chinese, "/reminders").sees("发动机机油 已逾期", "里程达 132,000 km 已通知车主：即将到期、已到期")
}

func TestRemindersArePutOffAndDeclined(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path string
		form []string
		want proto.Message
	}{
		"put off": {"/reminders/r1/snooze", []string{"days", "14", "state", "due_soon"}, &pitcrewv1.SnoozeReminderRequest{Id: "r1", Until: timestamppb.New(now.Add(14 * 24 * time.Hour))}},
		"decline": {"/reminders/r1/decline", []string{"note", " sold ", "state", "due_soon"}, &pitcrewv1.DeclineReminderRequest{Id: "r1", Note: "sold"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			got := b.post(c.path, form(c.form...))
			if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/reminders?state=due_soon" {
				t.Errorf("answered %d to %q", got.StatusCode, got.Header.Get("Location"))
			}
			if diff := cmp.Diff(c.want, b.api.last(), protocmp.Transform()); diff != "" {
				t.Errorf("the API was asked (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReminderThatCannotBePutOffSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.fail("SnoozeReminder", refusal(codes.FailedPrecondition, "until", "a reminder can be put off three times only"))
	got := b.post("/reminders/r1/snooze", form("days", "30"))
	if got.StatusCode != http.StatusConflict {
		t.Errorf("answered %d, want 409", got.StatusCode)
	}
	got.sees("A reminder can be put off three times only.", "Choose a shorter time.", "Engine oil")
	got = b.post("/reminders/r1/snooze", form("days", "365"))
	if got.StatusCode != http.StatusBadRequest {
		t.Errorf("365 days: answered %d, want 400", got.StatusCode)
	}
}

func TestQuarantineShowsTextAndBytes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.get(english, "/quarantine")
	for _, wanted := range []string{
		`Vehicle.Speed: &#34;fast&#34; is not a number`, "samples[0].signals", "3 times", "104 bytes", "Show the text", "&#34;boot&#34;: &#34;b7&#34;",
		"Show the bytes", "00000000  23 23 02 fe 4c 00 80 ff  10 0a", "offset 22",
	} {
		if !strings.Contains(got.Body, wanted) {
			t.Errorf("the page does not have %q", wanted)
		}
	}
	b.api.data.refused = []*pitcrewv1.QuarantinedMessage{{Id: "big", Payload: []byte(strings.Repeat("油", 3000)), Reason: "too large"}}
	got = b.get(english, "/quarantine")
	got.sees("Show the text", "Only the first 4,096 bytes are shown.")
	if n := strings.Count(got.Body, "油"); n != 4096/3 {
		t.Errorf("%d characters are shown, want %d", n, 4096/3)
	}
}
