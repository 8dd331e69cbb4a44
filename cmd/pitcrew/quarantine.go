package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// quarantineCmd works on the refused messages of a running pitcrew.
type quarantineCmd struct {
	List    quarantineListCmd    `cmd:"" help:"List what was refused, newest first."`
	Replay  quarantineReplayCmd  `cmd:"" help:"Take refused messages in again, after what was wrong was put right."`
	Discard quarantineDiscardCmd `cmd:"" help:"Remove refused messages for good."`
}

func (quarantineCmd) Help() string {
	return `What cannot be taken is kept with its bytes and the reason. Look at it, put right what is wrong (bind
a device, install a pitcrew that reads the format), and replay it:

  pitcrew quarantine list
  pitcrew quarantine list --reason 'bound to no vehicle' --since 24h
  pitcrew quarantine replay --topic wican/
  pitcrew quarantine discard --topic weather/`
}

// quarantineFilter says which refused messages; together the flags narrow.
type quarantineFilter struct {
	VIN    string `env:"-" name:"vin" help:"Only of this vehicle, as the topic has it."`
	Topic  string `env:"-" help:"Only with a topic that begins so." placeholder:"PREFIX"`
	Reason string `env:"-" help:"Only with this in the reason." placeholder:"TEXT"`
	Since  when   `env:"-" help:"Only first received since: a time (RFC 3339), a day, or an age such as 24h or 7d." placeholder:"WHEN"`
	Until  when   `env:"-" help:"Only first received before." placeholder:"WHEN"`
}

func (f quarantineFilter) empty() bool { return f == quarantineFilter{} }

// when is a point in time on the command line.
type when struct{ time.Time }

// UnmarshalText reads a time, the beginning of a day here, or an age.
func (w *when) UnmarshalText(b []byte) error {
	s := string(b)
	if age := span(0); age.UnmarshalText(b) == nil {
		w.Time = time.Now().Add(-time.Duration(age))
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			w.Time = t
			return nil
		}
	}
	return fmt.Errorf("%q is neither a time such as 2026-11-22T10:00:00Z or 2026-11-22, nor an age such as 24h or 7d", s)
}

func (w when) stamp() *timestamppb.Timestamp {
	if w.IsZero() {
		return nil
	}
	return timestamppb.New(w.Time)
}

type quarantineListCmd struct {
	server           `embed:""`
	quarantineFilter `embed:""`

	Limit int  `help:"How many entries to list at most; 0 is all." default:"50"`
	JSON  bool `name:"json" help:"One JSON object a line, with the payload in base64, as GET /v1/quarantine has it."`
}

func (quarantineListCmd) Help() string {
	return `One line for each reason that a message was refused for: when it first came (in the time zone of this
terminal), the vehicle and the topic, where in the payload, and why. "x3" is how often the same bytes came.

  pitcrew quarantine list --vin WVWZZZ1KZ6W000001 --since 2026-11-01
  pitcrew quarantine list --json --limit 1 | jq -r .payload | base64 -d | pitcrew decode --format dialect:wican -`
}

func (c *quarantineListCmd) Run(s *env) error {
	out := bufio.NewWriter(s.out)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(table, "RECEIVED\tVEHICLE\tTOPIC\tPLACE\tREASON")
	}
	n, more := 0, true
	req := pitcrewv1.ListQuarantineRequest{
		Vin: c.VIN, TopicPrefix: c.Topic, Reason: c.Reason, From: c.Since.stamp(), To: c.Until.stamp(), PageSize: 200,
	}
	for more {
		if c.Limit > 0 {
			req.PageSize = int32(min(200, c.Limit-n))
		}
		var page pitcrewv1.ListQuarantineResponse
		if err := c.get(s.ctx, "/v1/quarantine", &req, &page); err != nil {
			return err
		}
		for _, m := range page.GetMessages() {
			n++
			if c.JSON {
				if err := printJSON(out, m); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintln(table, strings.Join(row(m), "\t"))
		}
		req.PageToken = page.GetNextPageToken()
		more = req.PageToken != "" && (c.Limit <= 0 || n < c.Limit)
	}
	if err := errors.Join(table.Flush(), out.Flush()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	switch {
	case c.JSON:
	case n == 0:
		fmt.Fprintln(s.err, "Nothing in quarantine matches.")
	case req.PageToken != "":
		fmt.Fprintf(s.err, "There is more: the newest %d are listed, --limit 0 lists all.\n", n)
	}
	return nil
}

// row is an entry as the table shows it.
func row(m *pitcrewv1.QuarantinedMessage) []string {
	received := m.GetReceived().AsTime().Local().Format("2006-01-02 15:04:05")
	if m.GetCount() > 1 {
		received += fmt.Sprintf(" x%d", m.GetCount())
	}
	cells := []string{received, m.GetVin(), m.GetTopic(), m.GetPlace(), m.GetReason()}
	for i, cell := range cells {
		if cells[i] = oneLine(cell); cells[i] == "" {
			cells[i] = "-"
		}
	}
	return cells
}

// oneLine keeps what devices sent from moving the cursor of a terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, s)
}

type quarantineReplayCmd struct {
	server           `embed:""`
	quarantineFilter `embed:""`

	IDs  []string `arg:"" optional:"" name:"id" help:"Entries to replay, by the id that list --json prints. Without any: all that the flags let through."`
	JSON bool     `name:"json" help:"Print the count as one JSON object."`
}

func (quarantineReplayCmd) Help() string {
	return `Every message is decoded and stored as if it arrived now at the time it first came, and leaves quarantine
once it is durable. What still cannot be taken stays, with the reason of now. Breaking off and starting
again loses nothing and stores nothing twice. Exit code 1: something was refused again.

  pitcrew quarantine replay                        # everything
  pitcrew quarantine replay --topic wican/a1b2c3d4e5f6/
  pitcrew quarantine replay becdfac8958c3b9121dca0b85b0090ef

A message that was refused because its sender may speak for another vehicle only is taken when it is
named by its id, and by no other way: whoever names it vouches for it.`
}

func (c *quarantineReplayCmd) Run(s *env) error {
	if len(c.IDs) > 0 && !c.empty() {
		return &usageError{"name entries, or narrow with flags, not both"}
	}
	req := pitcrewv1.ReplayQuarantineRequest{
		Ids: c.IDs, Vin: c.VIN, TopicPrefix: c.Topic, Reason: c.Reason, From: c.Since.stamp(), To: c.Until.stamp(),
	}
	if len(c.IDs) == 0 {
		req.PageSize = 100
	}
	bar := progress(s, -1, "replaying")
	var sum replayed
	for {
		var page pitcrewv1.ReplayQuarantineResponse
		if err := c.post(s.ctx, "/v1/quarantine:replay", &req, &page); err != nil {
			_ = bar.Finish() // only a terminal can fail here
			if sum.total() > 0 {
				fmt.Fprintf(s.err, "Broke off after %s.\n", sum)
			}
			return err
		}
		sum.Replayed += int(page.GetReplayed())
		sum.StillRefused += int(page.GetStillRefused())
		sum.Incomplete += int(page.GetIncomplete())
		_ = bar.Set(sum.total())
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	_ = bar.Finish()
	var err error
	if c.JSON {
		err = json.NewEncoder(s.out).Encode(sum)
	} else {
		_, err = fmt.Fprintf(s.out, "%s.\n", sum)
	}
	switch {
	case err != nil:
		return fmt.Errorf("write: %w", err)
	case sum.StillRefused > 0:
		return errRefused
	}
	return nil
}

// replayed is what became of messages.
type replayed struct {
	Replayed     int `json:"replayed"`
	StillRefused int `json:"stillRefused"`
	Incomplete   int `json:"incomplete"`
}

func (r replayed) total() int { return r.Replayed + r.StillRefused + r.Incomplete }

func (r replayed) String() string {
	text := fmt.Sprintf("%s stored, %d still refused", plural(r.Replayed, "message"), r.StillRefused)
	if r.Incomplete > 0 {
		text += fmt.Sprintf(", %d left alone because not all of their bytes were kept", r.Incomplete)
	}
	return text
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

type quarantineDiscardCmd struct {
	server           `embed:""`
	quarantineFilter `embed:""`

	IDs []string `arg:"" optional:"" name:"id" help:"Entries to remove, by the id that list --json prints."`
	All bool     `env:"-" help:"Everything that is in quarantine."`
	Yes bool     `env:"-" help:"Do not ask."`
}

func (quarantineDiscardCmd) Help() string {
	return `There is no way back. Without --yes it asks first, which needs a terminal.

  pitcrew quarantine discard --topic weather/
  pitcrew quarantine discard --until 30d --yes
  pitcrew quarantine discard --all

Old entries go by themselves: see --quarantine-keep and --quarantine-max of pitcrew serve.`
}

func (c *quarantineDiscardCmd) Run(s *env) error {
	ways := 0
	for _, used := range []bool{len(c.IDs) > 0, !c.empty(), c.All} {
		if used {
			ways++
		}
	}
	if ways != 1 {
		return &usageError{"say what to discard: entries by id, flags that narrow, or --all"}
	}
	if err := c.confirm(s); err != nil {
		return err
	}
	req := pitcrewv1.DiscardQuarantineRequest{
		Ids: c.IDs, Vin: c.VIN, TopicPrefix: c.Topic, Reason: c.Reason, From: c.Since.stamp(), To: c.Until.stamp(), All: c.All,
	}
	sum := 0
	for {
		var page pitcrewv1.DiscardQuarantineResponse
		if err := c.post(s.ctx, "/v1/quarantine:discard", &req, &page); err != nil {
			return err
		}
		if sum += int(page.GetDiscarded()); !page.GetMore() {
			break
		}
	}
	entries := "1 entry"
	if sum != 1 {
		entries = fmt.Sprintf("%d entries", sum)
	}
	_, err := fmt.Fprintf(s.out, "%s discarded.\n", entries)
	return err
}

// confirm asks a person. Where there is none, only --yes will do.
func (c *quarantineDiscardCmd) confirm(s *env) error {
	if c.Yes {
		return nil
	}
	answer, err := s.ask(fmt.Sprintf("Remove %s from the quarantine of %s for good? [y/N] ", c.what(), c.Server))
	if err != nil {
		return err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was discarded")
}

func (c *quarantineDiscardCmd) what() string {
	switch {
	case c.All:
		return "everything"
	case len(c.IDs) > 0:
		return strings.Join(c.IDs, ", ")
	}
	return "all that matches"
}
