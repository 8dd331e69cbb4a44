package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// localTime is how a date-and-time field writes its value.
const localTime = "2006-01-02T15:04"

// invalid is an error of the console's own about a field, like the API's.
func invalid(field, message string) error {
	st := status.New(codes.InvalidArgument, message)
	if with, err := st.WithDetails(&errdetails.ErrorInfo{Reason: "invalid", Domain: "pitcrew", Metadata: map[string]string{"field": field}}); err == nil {
		st = with
	}
	return st.Err()
}

// orderAction carries out what a button asks for. When it is refused, the order
// is shown as it now is, with the reason beside the button and what was typed.
func (s *server) orderAction(w http.ResponseWriter, r *http.Request, p *page) error {
	id, action := r.PathValue("id"), r.PathValue("action")
	v, err := s.orderOf(r, id)
	if err != nil {
		return err
	}
	if err = s.act(r, v, action, p.SignedAs()); err == nil {
		s.names.Remove(v.GetVin())
		http.Redirect(w, r, "/orders/"+id, http.StatusSeeOther)
		return nil
	}
	if status.Code(err) == codes.NotFound {
		return err
	}
	told := p.problemOf(err)
	v.Action, v.Problem = action, &told
	p.Title, p.Nav, p.FromForm, p.Here = p.Text(v.GetTitle()), "orders", true, "/orders/"+id
	return s.render(r.Context(), w, told.Status, layout(p, orderContent(p, v)))
}

// act calls the transition of the API that an action names.
func (s *server) act(r *http.Request, v *orderView, action, actor string) error {
	var (
		ctx     = r.Context()
		id      = v.GetId()
		note    = strings.TrimSpace(r.PostFormValue("note"))
		err     error
		version int32
	)
	if version, err = versionOf(r); err != nil {
		return err
	}
	switch action {
	case "accept":
		_, err = s.orders.AcceptWorkOrder(ctx, &pitcrewv1.AcceptWorkOrderRequest{Id: id, Version: version, Actor: actor, Note: note})
	case "dismiss":
		_, err = s.orders.DismissWorkOrder(ctx, &pitcrewv1.DismissWorkOrderRequest{
			Id: id, Version: version, Actor: actor, Note: note, Reason: r.PostFormValue("reason"),
		})
	case "reopen":
		_, err = s.orders.ReopenWorkOrder(ctx, &pitcrewv1.ReopenWorkOrderRequest{Id: id, Version: version, Actor: actor, Note: note})
	case "schedule":
		err = s.schedule(r, v, &pitcrewv1.ScheduleWorkOrderRequest{Id: id, Version: version, Actor: actor, Note: note})
	case "check_in":
		err = s.checkIn(r, &pitcrewv1.CheckInWorkOrderRequest{Id: id, Version: version, Actor: actor, Note: note})
	case "start":
		_, err = s.orders.StartWorkOrder(ctx, &pitcrewv1.StartWorkOrderRequest{Id: id, Version: version, Actor: actor, Note: note})
	case "finish":
		_, err = s.orders.FinishWorkOrder(ctx, &pitcrewv1.FinishWorkOrderRequest{Id: id, Version: version, Actor: actor, Note: note})
	case "close":
		err = s.close(r, v, &pitcrewv1.CloseWorkOrderRequest{Id: id, Version: version, Actor: actor, Note: note})
	case "cancel":
		_, err = s.orders.CancelWorkOrder(ctx, &pitcrewv1.CancelWorkOrderRequest{Id: id, Version: version, Actor: actor, Note: note})
	default:
		return errNoPage
	}
	return err
}

// versionOf is the version of the order that the reader saw: an order that has
// moved on since is refused by the API.
func versionOf(r *http.Request) (int32, error) {
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 32)
	if err != nil {
		return 0, status.Error(codes.InvalidArgument, "the form does not say which version of the order it was made for")
	}
	return int32(version), nil
}

// schedule reads the appointment as a time of the vehicle's zone.
func (s *server) schedule(r *http.Request, v *orderView, req *pitcrewv1.ScheduleWorkOrderRequest) error {
	slot, err := time.ParseInLocation(localTime, r.PostFormValue("scheduled_for"), v.Zone)
	if err != nil {
		return invalid("scheduledFor", "say when the car comes")
	}
	req.ScheduledFor = timestamppb.New(slot)
	_, err = s.orders.ScheduleWorkOrder(r.Context(), req)
	return err
}

func (s *server) checkIn(r *http.Request, req *pitcrewv1.CheckInWorkOrderRequest) (err error) {
	if req.OdometerKm, err = kmOf(r.PostFormValue("odometer_km")); err != nil {
		return err
	}
	_, err = s.orders.CheckInWorkOrder(r.Context(), req)
	return err
}

// close sends what the technician says of each line of the order.
func (s *server) close(r *http.Request, v *orderView, req *pitcrewv1.CloseWorkOrderRequest) (err error) {
	if req.OdometerKm, err = kmOf(r.PostFormValue("odometer_km")); err != nil {
		return err
	}
	for _, line := range v.GetLines() {
		result := &pitcrewv1.LineResult{
			Seq: line.GetSeq(), Outcome: r.PostFormValue(lineField(line, "outcome")),
			Cause:      strings.TrimSpace(r.PostFormValue(lineField(line, "cause"))),
			Correction: strings.TrimSpace(r.PostFormValue(lineField(line, "correction"))),
			Part:       strings.TrimSpace(r.PostFormValue(lineField(line, "part"))),
		}
		if typed := strings.TrimSpace(r.PostFormValue(lineField(line, "hours"))); typed != "" {
			if result.HoursActual, err = strconv.ParseFloat(strings.ReplaceAll(typed, ",", "."), 64); err != nil {
				return invalid("lines", "hours are a number, such as 1.5")
			}
		}
		if result.Litres, err = litresOf("lines", strings.TrimSpace(r.PostFormValue(lineField(line, "litres")))); err != nil {
			return err
		}
		switch {
		case result.Outcome == toppedUp:
			result.Outcome, result.ToppedUp = outcomes[0], true
		case result.Litres > 0:
			return invalid("lines", "litres are told of what was topped up")
		}
		req.Lines = append(req.Lines, result)
	}
	_, err = s.orders.CloseWorkOrder(r.Context(), req)
	return err
}

// lineField names a field of one line's result.
func lineField(line *pitcrewv1.Line, field string) string {
	return field + "-" + strconv.Itoa(int(line.GetSeq()))
}
