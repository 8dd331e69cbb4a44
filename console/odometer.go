package console

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// odometerView is the ledger of one vehicle's odometer.
type odometerView struct {
	*pitcrewv1.Vehicle
	Zone     *time.Location // the vehicle's own
	Odometer *pitcrewv1.Odometer
	Refused  []*pitcrewv1.OdometerReading
	Accepted []*pitcrewv1.OdometerReading
	More     string // address with more readings; empty when all are shown

	Problem *problem // why the last decision was not taken
	About   string   // reading it was about; empty for a time
	form    url.Values
}

// Kept is what was typed into a field of a form that was refused.
func (v *odometerView) Kept(reading, field string) string {
	if v.Problem == nil || v.About != reading {
		return ""
	}
	return v.form.Get(field)
}

// Undecided says whether somebody has to decide about a refused reading.
func undecided(r *pitcrewv1.OdometerReading) bool {
	return r.GetDecision() == "" && r.GetKind() != "duplicate"
}

func (s *server) odometerPage(w http.ResponseWriter, r *http.Request, p *page) error {
	v, err := s.odometerOf(r.Context(), r.PathValue("vin"), r.URL.Query())
	if err != nil {
		return err
	}
	p.Title, p.Nav = p.T("odometer.title"), "fleet"
	return s.render(r.Context(), w, http.StatusOK, layout(p, odometerContent(p, v)))
}

// odometerOf reads the vehicle, and as many readings of either kind as are shown.
func (s *server) odometerOf(ctx context.Context, vin string, q url.Values) (*odometerView, error) {
	v := &odometerView{}
	count := min(shown(q), apiPage)
	more := false
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		v.Vehicle, err = s.vehicles.GetVehicle(ctx, &pitcrewv1.GetVehicleRequest{Vin: vin})
		return err
	})
	var accepted, refused *pitcrewv1.ListOdometerResponse
	group.Go(func() (err error) {
		accepted, err = s.odometers.ListOdometer(ctx, &pitcrewv1.ListOdometerRequest{Vin: vin, State: "accepted", PageSize: int32(count)})
		return err
	})
	group.Go(func() (err error) {
		refused, err = s.odometers.ListOdometer(ctx, &pitcrewv1.ListOdometerRequest{Vin: vin, State: "refused", PageSize: int32(count)})
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	v.Zone, v.Odometer = zoneOf(v.GetTimeZone()), accepted.GetOdometer()
	v.Accepted, v.Refused = accepted.GetReadings(), refused.GetReadings()
	more = accepted.GetNextPageToken() != "" || refused.GetNextPageToken() != ""
	if more && count < apiPage {
		v.More = withQuery("/vehicles/"+vin+"/odometer", q, "show", strconv.Itoa(count+listStep))
	}
	return v, nil
}

// decideOdometer carries out what a button asks for. When it is refused, the page is
// shown as it now is, with the reason beside the reading and what was typed.
func (s *server) decideOdometer(w http.ResponseWriter, r *http.Request, p *page) error {
	vin, path := r.PathValue("vin"), "/vehicles/"+r.PathValue("vin")+"/odometer"
	v, err := s.odometerOf(r.Context(), vin, r.URL.Query())
	if err != nil {
		return err
	}
	if err = s.decide(r, v, r.PathValue("verdict"), p.SignedAs()); err == nil {
		http.Redirect(w, r, path, http.StatusSeeOther)
		return nil
	}
	told := p.problemOf(err)
	v.Problem, v.About, v.form = &told, r.PostFormValue("reading"), r.PostForm
	p.Title, p.Nav, p.FromForm, p.Here = p.T("odometer.title"), "fleet", true, path
	return s.render(r.Context(), w, told.Status, layout(p, odometerContent(p, v)))
}

func (s *server) decide(r *http.Request, v *odometerView, verdict, actor string) (err error) {
	ctx, vin, reading, note := r.Context(), v.GetVin(), r.PostFormValue("reading"), strings.TrimSpace(r.PostFormValue("note"))
	switch verdict {
	case "accept":
		_, err = s.odometers.AcceptOdometer(ctx, &pitcrewv1.AcceptOdometerRequest{Vin: vin, Reading: reading, Actor: actor, Note: note})
	case "void":
		_, err = s.odometers.VoidOdometer(ctx, &pitcrewv1.VoidOdometerRequest{Vin: vin, Reading: reading, Actor: actor, Note: note})
	case "withdraw":
		_, err = s.odometers.WithdrawOdometer(ctx, &pitcrewv1.WithdrawOdometerRequest{Vin: vin, Reading: reading, Actor: actor, Note: note})
	case "correct":
		req := &pitcrewv1.CorrectOdometerRequest{Vin: vin, Reading: reading, Actor: actor, Note: note}
		if reading == "" {
			at, err := time.ParseInLocation(localTime, r.PostFormValue("time"), v.Zone)
			if err != nil {
				return invalid("time", "say when the odometer was read")
			}
			req.Time = timestamppb.New(at)
		}
		km, err := kmOf(r.PostFormValue("total_km"))
		if err != nil || strings.TrimSpace(r.PostFormValue("total_km")) == "" {
			return invalid("totalKm", "say how far the vehicle had gone in all, in km")
		}
		req.TotalKm = &km
		_, err = s.odometers.CorrectOdometer(ctx, req)
		return err
	default:
		return errNoPage
	}
	return err
}

// Given is a reading as it was given, where that is not in kilometres.
func (p *page) Given(r *pitcrewv1.OdometerReading) string {
	switch r.GetUnit() {
	case "km", "":
		return ""
	case "mi":
		return p.Num(r.GetValue(), 0) + " mi"
	}
	return p.Num(r.GetValue(), 0) + " " + r.GetUnit()
}

// dialDiffers says whether the instrument shows another distance than the vehicle has
// gone, by a kilometre or more.
func dialDiffers(v *pitcrewv1.Vehicle) bool {
	return v.GetDialKm() > 0 && math.Abs(v.GetDialKm()-v.GetOdometerKm()) >= 1
}
