package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// boardStates are the columns of the board, in the order of an order's life;
// finishedStates are the ends of it, shown together.
var (
	boardStates    = []string{"proposed", "open", "scheduled", "checked_in", "in_progress", "ready"}
	finishedStates = []string{"closed", "dismissed", "cancelled", "withdrawn"}
)

const finished = "finished"

// boardView is the work-order board.
type boardView struct {
	State    string // the column that a narrow screen shows
	Columns  []column
	Finished bool // the orders that came to an end, instead of the board
	Refresh  string
}

// column is the orders of one state.
type column struct {
	State string
	Count int
	Cards []orderCard
	More  string // address with more cards; empty when all are shown
}

// orderCard is an order with the vehicle that it is about.
type orderCard struct {
	*pitcrewv1.WorkOrder
	Vehicle *pitcrewv1.Vehicle // nil when it could not be read
	Zone    *time.Location
}

// Car is what people call the vehicle of the order.
func (c orderCard) Car() string {
	if c.Vehicle == nil {
		return c.GetVin()
	}
	return titleOf(c.Vehicle)
}

func (s *server) boardPage(w http.ResponseWriter, r *http.Request, p *page) error {
	p.Title, p.Nav = p.T("board.title"), "orders"
	q := r.URL.Query()
	view := boardView{State: boardStates[0], Refresh: withQuery("/orders", q, "", "")}
	states := boardStates
	if q.Get("state") == finished {
		view.State, view.Finished = finished, true
		states = []string{strings.Join(finishedStates, ",")}
	} else if slices.Contains(boardStates, q.Get("state")) {
		view.State = q.Get("state")
	}
	count := min(shown(q), apiPage)
	var fleet *pitcrewv1.Fleet
	group, ctx := errgroup.WithContext(r.Context())
	group.Go(func() (err error) {
		fleet, err = s.vehicles.GetFleet(ctx, &pitcrewv1.GetFleetRequest{})
		return err
	})
	view.Columns = make([]column, len(states))
	for i, state := range states {
		group.Go(func() error {
			answer, err := s.orders.ListWorkOrders(ctx, &pitcrewv1.ListWorkOrdersRequest{State: state, PageSize: int32(count)})
			c := column{State: state}
			for _, o := range answer.GetWorkOrders() {
				c.Cards = append(c.Cards, orderCard{WorkOrder: o})
			}
			if answer.GetNextPageToken() != "" && count < apiPage {
				c.More = withQuery("/orders", q, "show", strconv.Itoa(count+listStep))
			}
			view.Columns[i] = c
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	s.nameCards(r, view.Columns)
	for i := range view.Columns {
		view.Columns[i].Count = len(view.Columns[i].Cards)
		if total, ok := fleet.GetWorkOrders()[view.Columns[i].State]; ok {
			view.Columns[i].Count = int(total)
		}
	}
	return s.show(w, r, p, boardContent(p, view))
}

// nameCards looks up what the vehicles of the cards are called.
func (s *server) nameCards(r *http.Request, columns []column) {
	var vins []string
	for _, c := range columns {
		for _, card := range c.Cards {
			vins = append(vins, card.GetVin())
		}
	}
	names := s.called(r.Context(), vins)
	for _, c := range columns {
		for i := range c.Cards {
			v := names[c.Cards[i].GetVin()]
			c.Cards[i].Vehicle, c.Cards[i].Zone = v, zoneOf(v.GetTimeZone())
		}
	}
}

// boardLink is the address of one column, for narrow screens.
func boardLink(state string) string { return "/orders?state=" + state }
