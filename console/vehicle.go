package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// vehicleView is one vehicle with everything that is known of it.
type vehicleView struct {
	*pitcrewv1.Vehicle
	Zone         *time.Location // the vehicle's own: its facts are told in it
	Findings     []*pitcrewv1.Finding
	Health       []healthCard
	Quiet        []healthCard // of parts that nobody need look at now
	Trips        tripsView
	Orders       []*pitcrewv1.WorkOrder
	Reminders    []*pitcrewv1.Reminder
	Records      []*pitcrewv1.ServiceRecord
	Totals       *pitcrewv1.HistoryTotals
	MoreURL      string // address with older records; empty when all are shown
	Form         recordForm
	EraseProblem *problem            // why the vehicle was not erased
	Failed       map[string]*problem // parts that could not be read, by name
}

// Open orders and reminders: those that somebody still has to do something about.
const (
	openOrders    = "proposed,open,scheduled,checked_in,in_progress,ready"
	openReminders = "planned,due_soon,due,overdue,snoozed,booked"
)

func (s *server) vehiclePage(w http.ResponseWriter, r *http.Request, p *page) error {
	v, err := s.vehicleNow(r.Context(), r.PathValue("vin"))
	if err != nil {
		return err
	}
	p.Title, p.Nav, p.Charts = titleOf(v.Vehicle), "fleet", true
	if wantsFragment(r) {
		return s.render(r.Context(), w, http.StatusOK, vehicleLive(p, v))
	}
	v.Form = newRecordForm(p.Now, v.Zone)
	s.vehicleRest(r, p, v)
	return s.render(r.Context(), w, http.StatusOK, layout(p, vehicleContent(p, v)))
}

// vehicleNow reads what changes while one looks: the vehicle and its findings.
func (s *server) vehicleNow(ctx context.Context, vin string) (*vehicleView, error) {
	v := &vehicleView{Failed: map[string]*problem{}}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		v.Vehicle, err = s.vehicles.GetVehicle(ctx, &pitcrewv1.GetVehicleRequest{Vin: vin})
		return err
	})
	group.Go(func() error {
		answer, err := s.vehicles.ListFindings(ctx, &pitcrewv1.ListFindingsRequest{Vin: vin})
		v.Findings = answer.GetFindings()
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	v.Zone = zoneOf(v.GetTimeZone())
	slices.SortStableFunc(v.Codes, func(a, b *pitcrewv1.TroubleCode) int {
		switch {
		case a.GetActive() && !b.GetActive():
			return -1
		case b.GetActive() && !a.GetActive():
			return 1
		}
		return at(b.GetLastSeen()).Compare(at(a.GetLastSeen()))
	})
	slices.SortFunc(v.Signals, func(a, b *pitcrewv1.SignalValue) int { return cmp.Compare(a.GetSignal(), b.GetSignal()) })
	return v, nil
}

// vehicleRest reads the other parts of the page. One that fails is shown as
// failed; the rest stays.
func (s *server) vehicleRest(r *http.Request, p *page, v *vehicleView) {
	vin, ctx := v.GetVin(), r.Context()
	var group errgroup.Group
	parts := map[string]func() error{
		"health": func() error {
			answer, err := s.vehicles.ListForecasts(ctx, &pitcrewv1.ListForecastsRequest{Vin: vin, Path: true, Explanation: true})
			v.Health, v.Quiet = healthOf(answer.GetForecasts(), p.Now)
			return err
		},
		"trips": func() (err error) {
			v.Trips, err = s.tripsOf(ctx, v, r.URL.Query().Get("day"))
			return err
		},
		"orders": func() error {
			answer, err := s.orders.ListWorkOrders(ctx, &pitcrewv1.ListWorkOrdersRequest{Vin: vin, State: openOrders, PageSize: listStep})
			v.Orders = answer.GetWorkOrders()
			return err
		},
		"reminders": func() error {
			answer, err := s.reminders.ListReminders(ctx, &pitcrewv1.ListRemindersRequest{Vin: vin, State: openReminders, PageSize: listStep})
			v.Reminders = answer.GetReminders()
			return err
		},
		"history": func() error {
			req := &pitcrewv1.ListHistoryRequest{Vin: vin, PageSize: int32(min(shown(r.URL.Query()), apiPage))}
			answer, err := s.histories.ListHistory(ctx, req)
			v.Records, v.Totals = answer.GetRecords(), answer.GetTotals()
			if answer.GetNextPageToken() != "" && req.GetPageSize() < apiPage {
				v.MoreURL = withQuery("/vehicles/"+vin, r.URL.Query(), "show", showing(int(req.GetPageSize())+listStep)) + "#history"
			}
			return err
		},
	}
	var mu sync.Mutex
	for part, read := range parts {
		group.Go(func() error {
			if err := read(); err != nil {
				s.log.WarnContext(ctx, "a part of a vehicle's page could not be read", "vin", vin, "part", part, "error", err)
				told := p.problemOf(err)
				mu.Lock()
				defer mu.Unlock()
				v.Failed[part] = &told
			}
			return nil
		})
	}
	_ = group.Wait() // failures are per part
}

// ActiveCodes counts the trouble codes that are set now.
func (v *vehicleView) ActiveCodes() int {
	n := 0
	for _, c := range v.GetCodes() {
		if c.GetActive() {
			n++
		}
	}
	return n
}

// numbersOf writes the numbers of the messages in a gap.
func numbersOf(g *pitcrewv1.Gap) string {
	first, last := strconv.FormatInt(g.GetFirst(), 10), strconv.FormatInt(g.GetLast(), 10)
	if first == last {
		return first
	}
	return first + "–" + last
}

// signalName makes a VSS path readable: its last parts, without the tree.
func signalName(path string) string {
	return strings.ReplaceAll(strings.TrimPrefix(path, "Vehicle."), ".", " · ")
}

// Value writes a signal's value with its unit.
func (p *page) Value(s *pitcrewv1.SignalValue) string {
	switch v := s.GetValue().(type) {
	case *pitcrewv1.SignalValue_Boolean:
		if v.Boolean {
			return p.T("value.on")
		}
		return p.T("value.off")
	case *pitcrewv1.SignalValue_Text:
		return v.Text
	}
	number, unit := s.GetNumber(), s.GetUnit()
	switch {
	case unit == "m" && number >= 10_000: // VSS tells the odometer in metres
		return p.Km(number / 1000)
	case strings.HasSuffix(s.GetSignal(), ".Year"): // not a quantity
		return strconv.FormatFloat(number, 'f', 0, 64)
	case p.Unit(unit) == "":
		return p.Short(number)
	}
	return p.Short(number) + " " + p.Unit(unit)
}

// Monitors lists readiness monitors by their names.
func (p *page) Monitors(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, p.Word("monitor", name))
	}
	return strings.Join(all, p.T("comma"))
}

// Gap reports whether two times are so far apart that both are worth telling.
func (*page) Gap(from, to time.Time) bool { return to.Sub(from) > 24*time.Hour }

// units are the VSS names of units that have a shorter sign.
var units = map[string]string{
	"percent": "%", "Celsius": "°C", "celsius": "°C", "degrees": "°", "ratio": "", "l/h": "L/h", "l": "L",
}

// Unit is the sign of a unit.
func (p *page) Unit(name string) string {
	if sign, ok := units[name]; ok {
		return sign
	}
	return name
}
