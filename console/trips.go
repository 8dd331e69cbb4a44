package console

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// speedSignal is drawn with the trips of a day.
const speedSignal = "Vehicle.Speed" // VSS, km/h

// tripsView is the drives of one day of the vehicle's own zone.
type tripsView struct {
	Day            time.Time // its beginning; zero when the vehicle has no data
	Trips          []*pitcrewv1.Trip
	Expired        bool   // its samples are not kept any more
	Earlier, Later string // days before and after, as 2006-01-02; Later is empty on the newest
	ChartURL       string
}

// tripsOf reads the drives of a day, the newest with data when none is named.
func (s *server) tripsOf(ctx context.Context, v *vehicleView, named string) (tripsView, error) {
	until := at(v.GetDataUntil())
	if until.IsZero() {
		return tripsView{}, nil
	}
	newest := dayStart(until, v.Zone)
	day := newest
	if named != "" {
		chosen, err := time.ParseInLocation(time.DateOnly, named, v.Zone)
		if err != nil {
			return tripsView{}, status.Error(codes.InvalidArgument, "a day reads like 2026-11-22")
		}
		day = earlier(chosen, newest)
	}
	next := day.AddDate(0, 0, 1)
	out := tripsView{
		Day: day, Earlier: day.AddDate(0, 0, -1).Format(time.DateOnly),
		ChartURL: "/vehicles/" + v.GetVin() + "/speed?from=" + strconv.FormatInt(day.Unix(), 10) + "&to=" + strconv.FormatInt(next.Unix(), 10),
	}
	if day.Before(newest) {
		out.Later = next.Format(time.DateOnly)
	}
	answer, err := s.vehicles.ListTrips(ctx, &pitcrewv1.ListTripsRequest{
		Vin: v.GetVin(), From: timestamppb.New(day), To: timestamppb.New(next),
	})
	out.Trips, out.Expired = answer.GetTrips(), len(answer.GetExpired()) > 0
	return out, err
}

// dayStart is the midnight before a time.
func dayStart(t time.Time, zone *time.Location) time.Time {
	year, month, day := t.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

// chartEvery is the width of a chart's windows: 2,880 points a day at most.
const chartEvery = 30 * time.Second

// chartGap is the silence from which a line is broken: the one that ends a trip.
const chartGap = 10 * time.Minute

// points is a line for uPlot; a null breaks it.
type points struct {
	Times  []int64    `json:"times"` // Unix seconds
	Values []*float64 `json:"values"`
	Unit   string     `json:"unit"`
}

// speedSeries answers the points of the speed chart of a day.
func (s *server) speedSeries(w http.ResponseWriter, r *http.Request, _ *page) error {
	from, errFrom := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64)
	to, errTo := strconv.ParseInt(r.URL.Query().Get("to"), 10, 64)
	if errFrom != nil || errTo != nil || to <= from || to-from > int64(2*oneDay/time.Second) {
		return status.Error(codes.InvalidArgument, "from and to are Unix seconds, at most two days apart")
	}
	answer, err := s.vehicles.GetSeries(r.Context(), &pitcrewv1.GetSeriesRequest{
		Vin: r.PathValue("vin"), Signal: speedSignal, Every: chartEvery.String(),
		From: timestamppb.New(time.Unix(from, 0)), To: timestamppb.New(time.Unix(to, 0)),
	})
	if err != nil {
		return err
	}
	out := points{Times: []int64{}, Values: []*float64{}, Unit: answer.GetUnit()}
	var last time.Time
	for _, pt := range answer.GetPoints() {
		t, mean := at(pt.GetTime()), pt.GetMean()
		if !last.IsZero() && t.Sub(last) > chartGap {
			out.Times, out.Values = append(out.Times, last.Unix()+1), append(out.Values, nil)
		}
		out.Times, out.Values = append(out.Times, t.Unix()), append(out.Values, &mean)
		last = t
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}
