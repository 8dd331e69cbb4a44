package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

var (
	// reminderStates are the filters, in the order of a reminder's life; the
	// empty one is what is open.
	reminderStates = []string{"", "overdue", "due", "due_soon", "planned", "snoozed", "booked", "done", "declined", "withdrawn"}
	// snoozeDays is for how long a reminder can be put off.
	snoozeDays = []int{3, 7, 14, 30}
)

// remindersView is what owners are told.
type remindersView struct {
	State, VIN string
	Rows       []reminderRow
	Refresh    string
	More       string // address with more rows; empty when all are shown
}

// reminderRow is one reminder with the vehicle that it is about.
type reminderRow struct {
	*pitcrewv1.Reminder
	Vehicle *pitcrewv1.Vehicle // nil when it could not be read
	Zone    *time.Location
	Problem *problem // why the last action on it was refused
}

// Open reports whether the owner is still to act on it.
func (r reminderRow) Open() bool {
	return slices.Contains([]string{"planned", "due_soon", "due", "overdue", "snoozed"}, r.GetState())
}

// Car is what people call the vehicle.
func (r reminderRow) Car() string {
	if r.Vehicle == nil {
		return r.GetVin()
	}
	return titleOf(r.Vehicle)
}

func (s *server) remindersPage(w http.ResponseWriter, r *http.Request, p *page) error {
	view, err := s.remindersOf(r, p, r.URL.Query().Get("state"), r.URL.Query().Get("vin"))
	if err != nil {
		return err
	}
	return s.show(w, r, p, remindersContent(p, view))
}

// remindersOf reads the reminders of a filter.
func (s *server) remindersOf(r *http.Request, p *page, state, vin string) (remindersView, error) {
	p.Title, p.Nav = p.T("reminders.title"), "reminders"
	q := r.URL.Query()
	q.Set("state", state)
	q.Set("vin", vin)
	count := min(shown(q), apiPage)
	view := remindersView{State: state, VIN: vin, Refresh: withQuery("/reminders", q, "show", showing(count))}
	wanted := state
	if state == "" {
		wanted = openReminders
	}
	answer, err := s.reminders.ListReminders(r.Context(), &pitcrewv1.ListRemindersRequest{Vin: vin, State: wanted, PageSize: int32(count)})
	if err != nil {
		return view, err
	}
	if answer.GetNextPageToken() != "" && count < apiPage {
		view.More = withQuery("/reminders", q, "show", strconv.Itoa(count+listStep))
	}
	var vins []string
	for _, rem := range answer.GetReminders() {
		vins = append(vins, rem.GetVin())
	}
	names := s.called(r.Context(), vins)
	for _, rem := range answer.GetReminders() {
		v := names[rem.GetVin()]
		view.Rows = append(view.Rows, reminderRow{Reminder: rem, Vehicle: v, Zone: zoneOf(v.GetTimeZone())})
	}
	return view, nil
}

// Filter is the address of a state's reminders.
func (v remindersView) Filter(state string) string {
	return withQuery("/reminders", map[string][]string{"vin": {v.VIN}}, "state", state)
}

func (s *server) snoozeReminder(w http.ResponseWriter, r *http.Request, p *page) error {
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil || !slices.Contains(snoozeDays, days) {
		err = invalid("until", "choose for how long")
	} else {
		_, err = s.reminders.SnoozeReminder(r.Context(), &pitcrewv1.SnoozeReminderRequest{
			Id: r.PathValue("id"), Until: timestamppb.New(p.Now.Add(time.Duration(days) * oneDay)),
		})
	}
	return s.reminded(w, r, p, err)
}

func (s *server) declineReminder(w http.ResponseWriter, r *http.Request, p *page) error {
	_, err := s.reminders.DeclineReminder(r.Context(), &pitcrewv1.DeclineReminderRequest{
		Id: r.PathValue("id"), Note: strings.TrimSpace(r.PostFormValue("note")),
	})
	return s.reminded(w, r, p, err)
}

// reminded goes back to the list after an action; a refusal is shown at the
// reminder that it is about.
func (s *server) reminded(w http.ResponseWriter, r *http.Request, p *page, refused error) error {
	state, vin := r.PostFormValue("state"), r.PostFormValue("vin")
	if refused == nil {
		http.Redirect(w, r, remindersView{VIN: vin}.Filter(state), http.StatusSeeOther)
		return nil
	}
	view, err := s.remindersOf(r, p, state, vin)
	if err != nil {
		return refused
	}
	told, id := p.problemOf(refused), r.PathValue("id")
	at := slices.IndexFunc(view.Rows, func(row reminderRow) bool { return row.GetId() == id })
	if at < 0 { // it has left the list: there is no place beside it
		return refused
	}
	view.Rows[at].Problem, view.Refresh = &told, ""
	p.FromForm, p.Here = true, view.Filter(state)
	return s.render(r.Context(), w, told.Status, layout(p, remindersContent(p, view)))
}
