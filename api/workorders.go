package api

import (
	"cmp"
	"context"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

type orders struct {
	pitcrewv1.UnimplementedWorkOrderServiceServer
	o Options
}

func (s orders) ListWorkOrders(ctx context.Context, req *pitcrewv1.ListWorkOrdersRequest) (*pitcrewv1.ListWorkOrdersResponse, error) {
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	vin, err := optionalVIN(req.GetVin())
	if err != nil {
		return nil, err
	}
	states, err := statesOf(req.GetState(), workorders.States())
	if err != nil {
		return nil, err
	}
	rows, next, err := s.o.Queries.Orders(ctx, planner.OrderFilter{VIN: vin, States: states}, page)
	if err != nil {
		return nil, err
	}
	return &pitcrewv1.ListWorkOrdersResponse{WorkOrders: each(rows, encodeOrder), NextPageToken: next}, nil
}

func (s orders) GetWorkOrder(ctx context.Context, req *pitcrewv1.GetWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	o, err := s.o.Queries.Order(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return encodeOrder(o), nil
}

// transition is what every transition's request has.
type transition interface {
	GetId() string
	GetVersion() int32
	GetActor() string
	GetNote() string
}

// anonymous is the actor of callers who do not say who acts.
const anonymous = "api"

// command carries out one transition; more fills in what only that one has.
func (s orders) command(ctx context.Context, action workorders.Action, req transition, more func(*workorders.Command)) (*pitcrewv1.WorkOrder, error) {
	cmd := workorders.Command{
		Action: action, Actor: cmp.Or(strings.TrimSpace(req.GetActor()), anonymous),
		Version: int(req.GetVersion()), Note: req.GetNote(),
	}
	if more != nil {
		more(&cmd)
	}
	o, err := s.o.Planner.Command(ctx, req.GetId(), cmd)
	if err != nil {
		return nil, err
	}
	return encodeOrder(o), nil
}

func (s orders) AcceptWorkOrder(ctx context.Context, req *pitcrewv1.AcceptWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return s.command(ctx, workorders.ActionAccept, req, nil)
}

func (s orders) DismissWorkOrder(ctx context.Context, req *pitcrewv1.DismissWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return s.command(ctx, workorders.ActionDismiss, req, func(c *workorders.Command) {
		c.DismissReason = workorders.DismissReason(req.GetReason())
	})
}

func (s orders) ReopenWorkOrder(ctx context.Context, req *pitcrewv1.ReopenWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return s.command(ctx, workorders.ActionReopen, req, nil)
}

func (s orders) ScheduleWorkOrder(ctx context.Context, req *pitcrewv1.ScheduleWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return s.command(ctx, workorders.ActionSchedule, req, func(c *workorders.Command) {
		c.ScheduledFor = moment(req.GetScheduledFor())
	})
}

func (s orders) CheckInWorkOrder(ctx context.Context, req *pitcrewv1.CheckInWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	_, km, err := s.look(ctx, req)
	if err != nil {
		return nil, err
	}
	return s.command(ctx, workorders.ActionCheckIn, req, func(c *workorders.Command) { c.OdometerKm = km })
}

// look reads the order that a request is about, and the odometer that goes with
// it: as the request says, else the newest one known, which is never below the
// one at check-in.
func (s orders) look(ctx context.Context, req interface {
	GetId() string
	GetOdometerKm() float64
}) (workorders.Order, float64, error) {
	o, err := s.o.Queries.Order(ctx, req.GetId())
	if err != nil || req.GetOdometerKm() != 0 {
		return o, req.GetOdometerKm(), err
	}
	row, err := s.o.Queries.VehicleRow(ctx, o.VIN)
	return o, max(row.Summary.DialKm, o.OdometerInKm), err
}

func (s orders) StartWorkOrder(ctx context.Context, req *pitcrewv1.StartWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return s.command(ctx, workorders.ActionStart, req, nil)
}

func (s orders) FinishWorkOrder(ctx context.Context, req *pitcrewv1.FinishWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return s.command(ctx, workorders.ActionFinish, req, nil)
}

func (s orders) CloseWorkOrder(ctx context.Context, req *pitcrewv1.CloseWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	o, km, err := s.look(ctx, req)
	if err != nil {
		return nil, err
	}
	said := each(req.GetLines(), func(l *pitcrewv1.LineResult) workorders.LineResult {
		return workorders.LineResult{
			Seq: int(l.GetSeq()), Outcome: workorders.Outcome(l.GetOutcome()),
			Cause: l.GetCause(), Correction: l.GetCorrection(), HoursActual: l.GetHoursActual(),
			ToppedUp: l.GetToppedUp(), Litres: l.GetLitres(), Part: l.GetPart(),
		}
	})
	return s.command(ctx, workorders.ActionClose, req, func(c *workorders.Command) {
		c.OdometerKm, c.Lines = km, workorders.FixedUnlessSaid(o, said)
	})
}

func (s orders) CancelWorkOrder(ctx context.Context, req *pitcrewv1.CancelWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return s.command(ctx, workorders.ActionCancel, req, nil)
}
