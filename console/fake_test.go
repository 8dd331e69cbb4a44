package console_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// fake is an API that holds a small fleet and remembers what it was asked.
type fake struct {
	pitcrewv1.UnimplementedVehicleServiceServer
	pitcrewv1.UnimplementedOdometerServiceServer
	pitcrewv1.UnimplementedHistoryServiceServer
	pitcrewv1.UnimplementedReminderServiceServer
	pitcrewv1.UnimplementedWorkOrderServiceServer
	pitcrewv1.UnimplementedQuarantineServiceServer
	pitcrewv1.UnimplementedModelServiceServer

	mu    sync.Mutex
	data  *fleetData
	asked []proto.Message  // requests that change something, in order
	lists []proto.Message  // list requests, in order
	fails map[string]error // by method name

	discards int // calls of DiscardQuarantine
}

// fail makes a method answer an error.
func (f *fake) fail(method string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails == nil {
		f.fails = map[string]error{}
	}
	f.fails[method] = err
}

func (f *fake) failing(method string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fails[method]
}

// refusal is an error as the API answers it.
func refusal(code codes.Code, field, message string) error {
	st, err := status.New(code, message).WithDetails(&errdetails.ErrorInfo{
		Reason: "x", Domain: "pitcrew", Metadata: map[string]string{"field": field},
	})
	if err != nil {
		panic(err)
	}
	return st.Err()
}

func (f *fake) listed(req proto.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists = append(f.lists, req)
}

func (f *fake) did(req proto.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, req)
}

// last returns the newest request that changed something.
func (f *fake) last() proto.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) == 0 {
		return nil
	}
	return f.asked[len(f.asked)-1]
}

func (f *fake) GetFleet(context.Context, *pitcrewv1.GetFleetRequest) (*pitcrewv1.Fleet, error) {
	return f.data.fleet(), f.failing("GetFleet")
}

func (f *fake) ListVehicles(_ context.Context, req *pitcrewv1.ListVehiclesRequest) (*pitcrewv1.ListVehiclesResponse, error) {
	f.listed(req)
	if err := f.failing("ListVehicles"); err != nil {
		return nil, err
	}
	var found []*pitcrewv1.Vehicle
	for _, v := range f.data.vehicles {
		text := strings.ToLower(strings.Join([]string{v.Vin, v.Plate, v.Name, v.Brand, v.Model, v.GetOwner().GetName()}, " "))
		if strings.Contains(text, strings.ToLower(req.GetQuery())) &&
			(req.GetPowertrain() == "" || req.GetPowertrain() == v.Powertrain) &&
			(req.GetDrivability() == "" || req.GetDrivability() == v.Drivability) && v.Vin > req.GetPageToken() {
			found = append(found, v)
		}
	}
	out := &pitcrewv1.ListVehiclesResponse{Vehicles: found}
	if size := int(req.GetPageSize()); len(found) > size {
		out.Vehicles, out.NextPageToken = found[:size], found[size-1].Vin
	}
	return out, nil
}

func (f *fake) GetVehicle(_ context.Context, req *pitcrewv1.GetVehicleRequest) (*pitcrewv1.Vehicle, error) {
	if err := f.failing("GetVehicle"); err != nil {
		return nil, err
	}
	for _, v := range f.data.vehicles {
		if v.Vin == req.GetVin() {
			out := proto.CloneOf(v)
			if v.Vin == carVIN {
				out.Signals, out.Codes = f.data.signals, f.data.codes
			}
			return out, nil
		}
	}
	return nil, status.Error(codes.NotFound, "no vehicle has this VIN")
}

func (f *fake) GetSeries(_ context.Context, req *pitcrewv1.GetSeriesRequest) (*pitcrewv1.GetSeriesResponse, error) {
	f.listed(req)
	return &pitcrewv1.GetSeriesResponse{Vin: req.GetVin(), Signal: req.GetSignal(), Unit: "km/h", Points: f.data.speed}, f.failing("GetSeries")
}

func (f *fake) ListTrips(_ context.Context, req *pitcrewv1.ListTripsRequest) (*pitcrewv1.ListTripsResponse, error) {
	f.listed(req)
	out := &pitcrewv1.ListTripsResponse{Expired: f.data.expired}
	for _, t := range f.data.trips {
		if !t.Start.AsTime().Before(req.GetFrom().AsTime()) && t.Start.AsTime().Before(req.GetTo().AsTime()) {
			out.Trips = append(out.Trips, t)
		}
	}
	return out, f.failing("ListTrips")
}

func (f *fake) ListComponents(context.Context, *pitcrewv1.ListComponentsRequest) (*pitcrewv1.ListComponentsResponse, error) {
	return &pitcrewv1.ListComponentsResponse{Components: []*pitcrewv1.Component{
		{Component: "engine_oil", Name: text("Engine oil", "发动机机油"), FillLitres: 4.5, Powertrains: []string{"petrol", "diesel", "hybrid"}},
		{Component: "brake_pads_front", Name: text("Front brake pads", "前制动片")},
		{Component: "tyres", Name: text("Tyres", "轮胎")},
		{Component: "air_filter", Name: text("Engine air filter", "发动机空气滤清器"), Powertrains: []string{"petrol", "diesel", "hybrid"}},
		{Component: "cabin_filter", Name: text("Cabin filter", "空调滤清器")},
		{Component: "coolant", Name: text("Coolant", "冷却液"), FillLitres: 7},
		{Component: "battery_12v", Name: text("12 V battery", "12 V 蓄电池")},
		{Component: "traction_battery", Name: text("Traction battery", "动力电池"), Powertrains: []string{"hybrid", "battery_electric"}},
		{Component: "cell_balance", Name: text("Cell balance", "电芯一致性"), Powertrains: []string{"battery_electric"}},
		{Component: "brake_hoses", Name: text("Brake hoses", "制动软管")}, // added by configuration
	}}, f.failing("ListComponents")
}

func (f *fake) ListForecasts(_ context.Context, req *pitcrewv1.ListForecastsRequest) (*pitcrewv1.ListForecastsResponse, error) {
	f.listed(req)
	return &pitcrewv1.ListForecastsResponse{Forecasts: f.data.forecasts}, f.failing("ListForecasts")
}

func (f *fake) ListFindings(_ context.Context, req *pitcrewv1.ListFindingsRequest) (*pitcrewv1.ListFindingsResponse, error) {
	out := &pitcrewv1.ListFindingsResponse{}
	if req.GetVin() == carVIN {
		out.Findings = f.data.findings
	}
	return out, f.failing("ListFindings")
}

func (f *fake) ListHistory(_ context.Context, req *pitcrewv1.ListHistoryRequest) (*pitcrewv1.ListHistoryResponse, error) {
	f.listed(req)
	return &pitcrewv1.ListHistoryResponse{Records: f.data.records, Totals: f.data.totals}, f.failing("ListHistory")
}

func (f *fake) AddHistory(_ context.Context, req *pitcrewv1.AddHistoryRequest) (*pitcrewv1.ServiceRecord, error) {
	f.did(req)
	return req.GetRecord(), f.failing("AddHistory")
}

func (f *fake) ListOdometer(_ context.Context, req *pitcrewv1.ListOdometerRequest) (*pitcrewv1.ListOdometerResponse, error) {
	f.listed(req)
	out := &pitcrewv1.ListOdometerResponse{Odometer: &pitcrewv1.Odometer{Vin: req.GetVin()}}
	if req.GetVin() == carVIN {
		out.Odometer = f.data.odometer
		for _, r := range f.data.readings {
			if r.State == req.GetState() {
				out.Readings = append(out.Readings, r)
			}
		}
	}
	return out, f.failing("ListOdometer")
}

func (f *fake) AcceptOdometer(_ context.Context, req *pitcrewv1.AcceptOdometerRequest) (*pitcrewv1.Odometer, error) {
	f.did(req)
	return f.data.odometer, f.failing("AcceptOdometer")
}

func (f *fake) VoidOdometer(_ context.Context, req *pitcrewv1.VoidOdometerRequest) (*pitcrewv1.Odometer, error) {
	f.did(req)
	return f.data.odometer, f.failing("VoidOdometer")
}

func (f *fake) CorrectOdometer(_ context.Context, req *pitcrewv1.CorrectOdometerRequest) (*pitcrewv1.Odometer, error) {
	f.did(req)
	return f.data.odometer, f.failing("CorrectOdometer")
}

func (f *fake) WithdrawOdometer(_ context.Context, req *pitcrewv1.WithdrawOdometerRequest) (*pitcrewv1.Odometer, error) {
	f.did(req)
	return f.data.odometer, f.failing("WithdrawOdometer")
}

func (f *fake) EraseVehicle(_ context.Context, req *pitcrewv1.EraseVehicleRequest) (*pitcrewv1.Erasure, error) {
	f.did(req)
	return &pitcrewv1.Erasure{Id: "receipt-1"}, f.failing("EraseVehicle")
}

func (f *fake) GetErasure(_ context.Context, req *pitcrewv1.GetErasureRequest) (*pitcrewv1.Erasure, error) {
	return &pitcrewv1.Erasure{
		Id: req.GetId(), State: "done", Actor: "Li", Digest: "8d1c", KeepWork: true, Requested: timestamppb.New(now), Done: timestamppb.New(now),
		Days: 412, Removed: map[string]int32{"rollups": 412, "vehicles": 1},
	}, f.failing("GetErasure")
}

func (f *fake) ListReminders(_ context.Context, req *pitcrewv1.ListRemindersRequest) (*pitcrewv1.ListRemindersResponse, error) {
	f.listed(req)
	out := &pitcrewv1.ListRemindersResponse{}
	for _, r := range f.data.reminders {
		if (req.GetVin() == "" || req.GetVin() == r.Vin) && (req.GetState() == "" || slices.Contains(strings.Split(req.GetState(), ","), r.State)) {
			out.Reminders = append(out.Reminders, r)
		}
	}
	return out, f.failing("ListReminders")
}

func (f *fake) SnoozeReminder(_ context.Context, req *pitcrewv1.SnoozeReminderRequest) (*pitcrewv1.Reminder, error) {
	f.did(req)
	return &pitcrewv1.Reminder{}, f.failing("SnoozeReminder")
}

func (f *fake) DeclineReminder(_ context.Context, req *pitcrewv1.DeclineReminderRequest) (*pitcrewv1.Reminder, error) {
	f.did(req)
	return &pitcrewv1.Reminder{}, f.failing("DeclineReminder")
}

func (f *fake) ListQuarantine(_ context.Context, req *pitcrewv1.ListQuarantineRequest) (*pitcrewv1.ListQuarantineResponse, error) {
	f.listed(req)
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &pitcrewv1.ListQuarantineResponse{Messages: f.data.refused}
	if req.GetCount() {
		out.MatchingEntries, out.MatchingMessages = int32(len(f.data.refused)), int32(len(f.data.refused))
	}
	return out, f.fails["ListQuarantine"]
}

// ReplayQuarantine takes a page of two calls: one message is stored, one refused again.
func (f *fake) ReplayQuarantine(_ context.Context, req *pitcrewv1.ReplayQuarantineRequest) (*pitcrewv1.ReplayQuarantineResponse, error) {
	f.did(req)
	out := &pitcrewv1.ReplayQuarantineResponse{Replayed: 1}
	switch {
	case len(req.GetIds()) > 0:
	case req.GetPageToken() == "":
		out.NextPageToken = "rest"
	default:
		out.Replayed, out.StillRefused, out.Incomplete = 0, 1, 1
	}
	return out, f.failing("ReplayQuarantine")
}

// DiscardQuarantine needs two calls for all that match.
func (f *fake) DiscardQuarantine(_ context.Context, req *pitcrewv1.DiscardQuarantineRequest) (*pitcrewv1.DiscardQuarantineResponse, error) {
	f.did(req)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.discards++
	return &pitcrewv1.DiscardQuarantineResponse{Discarded: 1, More: len(req.GetIds()) == 0 && f.discards == 1}, f.fails["DiscardQuarantine"]
}

func (f *fake) ListWorkOrders(_ context.Context, req *pitcrewv1.ListWorkOrdersRequest) (*pitcrewv1.ListWorkOrdersResponse, error) {
	f.listed(req)
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &pitcrewv1.ListWorkOrdersResponse{}
	for _, o := range f.data.orders {
		if (req.GetVin() == "" || req.GetVin() == o.Vin) && slices.Contains(strings.Split(req.GetState(), ","), o.State) {
			out.WorkOrders = append(out.WorkOrders, proto.CloneOf(o))
		}
	}
	return out, f.fails["ListWorkOrders"]
}

func (f *fake) GetWorkOrder(_ context.Context, req *pitcrewv1.GetWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.data.orders {
		if o.Id == req.GetId() {
			return proto.CloneOf(o), nil
		}
	}
	return nil, status.Error(codes.NotFound, "there is no such order")
}

// move carries an order over to a state, as the API does.
func (f *fake) move(req interface {
	proto.Message
	GetId() string
	GetVersion() int32
	GetActor() string
	GetNote() string
}, method, action, to string,
) (*pitcrewv1.WorkOrder, error) {
	f.did(req)
	if err := f.failing(method); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.data.orders {
		if o.Id != req.GetId() {
			continue
		}
		if req.GetVersion() != o.Version {
			return nil, status.Error(codes.Aborted, "the order has changed since you saw it: look again")
		}
		o.Events = append(o.Events, &pitcrewv1.OrderEvent{
			At: timestamppb.New(now), Action: action, From: o.State, To: to, Actor: req.GetActor(), Note: req.GetNote(),
		})
		o.State, o.Version, o.Allowed = to, o.Version+1, allowed(to)
		return proto.CloneOf(o), nil
	}
	return nil, status.Error(codes.NotFound, "there is no such order")
}

// allowed is what the domain allows in a state.
func allowed(state string) []string {
	var out []string
	for _, a := range workorders.Allowed(workorders.State(state)) {
		out = append(out, string(a))
	}
	return out
}

func (f *fake) AcceptWorkOrder(_ context.Context, r *pitcrewv1.AcceptWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return f.move(r, "AcceptWorkOrder", "accept", "open")
}

func (f *fake) DismissWorkOrder(_ context.Context, r *pitcrewv1.DismissWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return f.move(r, "DismissWorkOrder", "dismiss", "dismissed")
}

func (f *fake) ReopenWorkOrder(_ context.Context, r *pitcrewv1.ReopenWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return f.move(r, "ReopenWorkOrder", "reopen", "proposed")
}

func (f *fake) ScheduleWorkOrder(_ context.Context, r *pitcrewv1.ScheduleWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return f.move(r, "ScheduleWorkOrder", "schedule", "scheduled")
}

func (f *fake) CheckInWorkOrder(_ context.Context, r *pitcrewv1.CheckInWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return f.move(r, "CheckInWorkOrder", "check_in", "checked_in")
}

func (f *fake) StartWorkOrder(_ context.Context, r *pitcrewv1.StartWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return f.move(r, "StartWorkOrder", "start", "in_progress")
}

func (f *fake) FinishWorkOrder(_ context.Context, r *pitcrewv1.FinishWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return f.move(r, "FinishWorkOrder", "finish", "ready")
}

func (f *fake) CloseWorkOrder(_ context.Context, r *pitcrewv1.CloseWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return f.move(r, "CloseWorkOrder", "close", "closed")
}

func (f *fake) CancelWorkOrder(_ context.Context, r *pitcrewv1.CancelWorkOrderRequest) (*pitcrewv1.WorkOrder, error) {
	return f.move(r, "CancelWorkOrder", "cancel", "cancelled")
}

func (f *fake) ListModels(context.Context, *pitcrewv1.ListModelsRequest) (*pitcrewv1.ListModelsResponse, error) {
	return f.data.models, f.failing("ListModels")
}

func (f *fake) ListAccuracy(context.Context, *pitcrewv1.ListAccuracyRequest) (*pitcrewv1.ListAccuracyResponse, error) {
	return &pitcrewv1.ListAccuracyResponse{Accuracy: f.data.accuracy}, f.failing("ListAccuracy")
}

// now is the time of every test.
var now = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
