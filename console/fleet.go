package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// A list shows listStep rows, and as many more each time somebody asks; beyond
// listMost a search is the better way. apiPage is the API's largest page.
const (
	listStep = 50
	listMost = 1000
	apiPage  = 200
)

var (
	powertrains   = []string{"petrol", "diesel", "hybrid", "battery_electric"}
	drivabilities = []string{"stop", "soon", "monitor"}
)

// fleetView is the overview: the figures of the fleet and a list of vehicles.
type fleetView struct {
	Query, Powertrain, Drivability string
	Fleet                          *pitcrewv1.Fleet
	Rows                           []vehicleRow
	Refresh                        string // address of what is shown, for live refresh
	More                           string // address with more rows; empty when all are shown
	Full                           bool   // there are more rows than a list shows
}

// vehicleRow is one vehicle of the list.
type vehicleRow struct {
	*pitcrewv1.Vehicle
	Zone *time.Location
}

// titleOf is what people call a vehicle.
func titleOf(v *pitcrewv1.Vehicle) string {
	switch {
	case v.GetName() != "":
		return v.GetName()
	case v.GetBrand() != "" || v.GetModel() != "":
		return makeOf(v)
	}
	return v.GetVin()
}

// makeOf is brand and model, with the year where it is known.
func makeOf(v *pitcrewv1.Vehicle) string {
	out := v.GetBrand()
	if v.GetModel() != "" {
		if out != "" {
			out += " "
		}
		out += v.GetModel()
	}
	if v.GetModelYear() > 0 && out != "" {
		out += " " + strconv.Itoa(int(v.GetModelYear()))
	}
	return out
}

// Filtered reports whether the list is a selection.
func (v fleetView) Filtered() bool { return v.Query != "" || v.Powertrain != "" || v.Drivability != "" }

// RemindersDue counts what owners should act on now.
func (v fleetView) RemindersDue() int {
	r := v.Fleet.GetReminders()
	return int(r["due_soon"] + r["due"] + r["overdue"])
}

func (s *server) fleetPage(w http.ResponseWriter, r *http.Request, p *page) error {
	p.Title, p.Nav = p.T("fleet.title"), "fleet"
	q := r.URL.Query()
	view := fleetView{Query: q.Get("q"), Powertrain: q.Get("powertrain"), Drivability: q.Get("drivability")}
	count := shown(q)
	group, ctx := errgroup.WithContext(r.Context())
	group.Go(func() (err error) {
		view.Fleet, err = s.vehicles.GetFleet(ctx, &pitcrewv1.GetFleetRequest{})
		return err
	})
	more := false
	group.Go(func() error {
		vehicles, next, err := s.listVehicles(ctx, &pitcrewv1.ListVehiclesRequest{
			Query: view.Query, Powertrain: view.Powertrain, Drivability: view.Drivability,
		}, count)
		for _, v := range vehicles {
			view.Rows = append(view.Rows, vehicleRow{Vehicle: v, Zone: zoneOf(v.GetTimeZone())})
		}
		more = next
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	view.Refresh = withQuery("/", q, "show", showing(count))
	view.Full = more && count >= listMost
	if more && !view.Full {
		view.More = withQuery("/", q, "show", strconv.Itoa(count+listStep))
	}
	if wantsFragment(r) {
		return s.render(r.Context(), w, http.StatusOK, fleetLive(p, view))
	}
	return s.render(r.Context(), w, http.StatusOK, layout(p, fleetContent(p, view)))
}

// listVehicles reads a count of vehicles, over as many pages of the API as that
// takes, and reports whether there are more.
func (s *server) listVehicles(ctx context.Context, req *pitcrewv1.ListVehiclesRequest, count int) ([]*pitcrewv1.Vehicle, bool, error) {
	var out []*pitcrewv1.Vehicle
	for {
		req.PageSize = int32(min(count-len(out), apiPage))
		answer, err := s.vehicles.ListVehicles(ctx, req)
		if err != nil {
			return nil, false, err
		}
		out = append(out, answer.GetVehicles()...)
		req.PageToken = answer.GetNextPageToken()
		if req.PageToken == "" || len(out) >= count {
			return out, req.PageToken != "", nil
		}
	}
}

// shown reads how many rows of a list the reader wants to see.
func shown(q url.Values) int {
	n, err := strconv.Atoi(q.Get("show"))
	if err != nil {
		return listStep
	}
	return min(max(n, listStep), listMost)
}

// showing leaves the usual count of rows out of an address.
func showing(count int) string {
	if count == listStep {
		return ""
	}
	return strconv.Itoa(count)
}

// withQuery returns a path with a query in which one value is replaced; values
// that say nothing are left out.
func withQuery(path string, q url.Values, key, value string) string {
	next := url.Values{}
	for k, all := range q {
		if k != key && len(all) > 0 && all[0] != "" {
			next.Set(k, all[0])
		}
	}
	if value != "" {
		next.Set(key, value)
	}
	if len(next) == 0 {
		return path
	}
	return path + "?" + next.Encode()
}
