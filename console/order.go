package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// orderView is one work order with what may be done to it.
type orderView struct {
	*pitcrewv1.WorkOrder
	Vehicle *pitcrewv1.Vehicle // nil when it could not be read
	Zone    *time.Location     // the vehicle's
	Action  string             // the action that was refused; empty when none was
	Problem *problem           // why
	typed   func(string) string
}

var (
	dismissReasons = []string{"false_positive", "already_done", "owner_declined", "duplicate", "vehicle_sold", "other"}
	outcomes       = []string{"fixed", "not_found", "deferred"}
)

// lastMove is when an order came to where it is.
func lastMove(c orderCard) time.Time {
	if events := c.GetEvents(); len(events) > 0 {
		return at(events[len(events)-1].GetAt())
	}
	return at(c.GetCreated())
}

// May reports whether an action is allowed now.
func (v *orderView) May(action string) bool { return slices.Contains(v.GetAllowed(), action) }

// Car is what people call the vehicle.
func (v *orderView) Car() string { return orderCard{WorkOrder: v.WorkOrder, Vehicle: v.Vehicle}.Car() }

// Drivability is the worst call of the order's lines.
func (v *orderView) Drivability() string {
	for _, call := range drivabilities {
		if slices.ContainsFunc(v.GetLines(), func(l *pitcrewv1.Line) bool { return l.GetDrivability() == call }) {
			return call
		}
	}
	return ""
}

// Hours sums the expected work of all lines.
func (v *orderView) Hours() (from, to float64) {
	for _, l := range v.GetLines() {
		for _, o := range l.GetOperations() {
			from, to = from+o.GetHoursMin(), to+o.GetHoursMax()
		}
	}
	return from, to
}

// Outcomes are how a line may end: a fill may have been topped up.
func (v *orderView) Outcomes(p *page, l *pitcrewv1.Line) []string {
	if len(p.parts().fills([]string{l.GetComponent()})) == 0 {
		return outcomes
	}
	return []string{outcomes[0], toppedUp, outcomes[1], outcomes[2]}
}

// Kept is what was typed into a field of a form that was refused; otherwise what
// the field begins with.
func (v *orderView) Kept(action, field, otherwise string) string {
	if v.Action == action {
		return v.typed(field)
	}
	return otherwise
}

// Slot is the time with which the appointment field begins: the one agreed, or
// tomorrow at nine.
func (v *orderView) Slot(now time.Time) string {
	t := at(v.GetScheduledFor())
	if t.IsZero() {
		year, month, day := now.In(v.Zone).Date()
		t = time.Date(year, month, day+1, 9, 0, 0, 0, v.Zone)
	}
	return t.In(v.Zone).Format(localTime)
}

// Reading is the odometer with which a field begins: the newest that is known.
func (v *orderView) Reading() string {
	km := max(v.Vehicle.GetDialKm(), v.GetOdometerInKm())
	if km == 0 {
		return ""
	}
	return strconv.FormatFloat(km, 'f', 0, 64)
}

func (s *server) orderPage(w http.ResponseWriter, r *http.Request, p *page) error {
	v, err := s.orderOf(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	p.Title, p.Nav = p.Text(v.GetTitle()), "orders"
	return s.render(r.Context(), w, http.StatusOK, layout(p, orderContent(p, v)))
}

func (s *server) orderOf(r *http.Request, id string) (*orderView, error) {
	o, err := s.orders.GetWorkOrder(r.Context(), &pitcrewv1.GetWorkOrderRequest{Id: id})
	if err != nil {
		return nil, err
	}
	v := &orderView{WorkOrder: o, typed: r.PostFormValue}
	// The name is a courtesy here: without it the VIN is shown.
	v.Vehicle, err = s.vehicles.GetVehicle(r.Context(), &pitcrewv1.GetVehicleRequest{Vin: o.GetVin()})
	if err != nil {
		s.log.WarnContext(r.Context(), "the vehicle of an order could not be read", "order", id, "error", err)
	}
	v.Zone = zoneOf(v.Vehicle.GetTimeZone())
	return v, nil
}

// lifeStates are the steps of an order that goes the whole way.
var lifeStates = append(slices.Clone(boardStates), "closed")

// stepOf is the place of a state among lifeStates, -1 for the other ends.
func stepOf(state string) int { return slices.Index(lifeStates, state) }

// backwards returns events newest first.
func backwards(events []*pitcrewv1.OrderEvent) []*pitcrewv1.OrderEvent {
	out := slices.Clone(events)
	slices.Reverse(out)
	return out
}

// actorName is who did something; the names that pitcrew itself gives are
// translated.
func actorName(p *page, name string) string {
	switch name {
	case defaultActor, "":
		return p.T("actor.advisor")
	case "pitcrew":
		return p.T("made_by.machine")
	}
	return name
}

// noteOf is the note of an event. That of a dismissal begins with its reason, as
// a word of the contract.
func noteOf(p *page, e *pitcrewv1.OrderEvent) string {
	word, rest, more := strings.Cut(e.GetNote(), ": ")
	switch {
	case e.GetAction() != "dismiss" || !slices.Contains(dismissReasons, word):
		return e.GetNote()
	case more:
		return p.Word("dismiss", word) + p.T("colon") + rest
	}
	return p.Word("dismiss", word)
}
