package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// dealer plays the people around a simulated fleet: it enters cars, owners and
// old service records through the API, as a dealer's own system would, and has
// the simulated cars mended when a work order closes.
type dealer struct {
	fleet  *simulator.Fleet
	conn   *grpc.ClientConn
	logger *slog.Logger
}

// enter registers every car with its papers. Doing it again changes nothing.
func (d *dealer) enter(ctx context.Context) error {
	cars := pitcrewv1.NewVehicleServiceClient(d.conn)
	records := pitcrewv1.NewHistoryServiceClient(d.conn)
	for i := range d.fleet.Len() {
		v := d.fleet.Profile(i).Vehicle
		if _, err := cars.PutVehicle(ctx, registration(v)); err != nil {
			return fmt.Errorf("register %s: %w", v.VIN, err)
		}
		for n, visit := range d.fleet.Visits(i) {
			rec := serviceRecord(visit)
			rec.SourceId = fmt.Sprintf("%s-%03d", v.VIN, n)
			if _, err := records.AddHistory(ctx, &pitcrewv1.AddHistoryRequest{Vin: string(v.VIN), Record: rec}); err != nil {
				return fmt.Errorf("add record %d of %s: %w", n, v.VIN, err)
			}
		}
	}
	return nil
}

func registration(v vehicle.Vehicle) *pitcrewv1.PutVehicleRequest {
	return &pitcrewv1.PutVehicleRequest{
		Vin: string(v.VIN), Name: proto.String(v.Name), Plate: proto.String(v.Plate), Brand: proto.String(v.Brand),
		Model: proto.String(v.Model), ModelYear: proto.Int32(int32(v.ModelYear)), Powertrain: proto.String(string(v.Powertrain)),
		InService: timestamppb.New(v.InService), TimeZone: proto.String(v.TimeZone),
		Owner: &pitcrewv1.Owner{Name: v.Owner.Name, Locale: v.Owner.Locale, Contact: v.Owner.Contact},
	}
}

func serviceRecord(v simulator.Visit) *pitcrewv1.ServiceRecord {
	rec := &pitcrewv1.ServiceRecord{
		Visited: timestamppb.New(v.Time), OdometerKm: v.OdometerKm, Source: "dealer", Shop: v.Shop,
		Cost: &pitcrewv1.Money{Minor: v.CostMinor, Currency: v.Currency},
	}
	for _, item := range v.Items {
		rec.Items = append(rec.Items, &pitcrewv1.ServiceItem{Component: item, Part: v.Put(item)})
	}
	for _, fault := range v.Mended {
		rec.Items = append(rec.Items, &pitcrewv1.ServiceItem{Text: "mended: " + strings.ReplaceAll(string(fault), "_", " ")})
	}
	for _, m := range v.Measurements {
		rec.Measurements = append(rec.Measurements, &pitcrewv1.Measurement{Component: m.Component, Value: m.Value, Unit: m.Unit})
	}
	if len(rec.Items) == 0 {
		rec.Items = append(rec.Items, &pitcrewv1.ServiceItem{Text: "inspection"})
	}
	return rec
}

// repairEvery is how often the dealer looks for closed orders.
const repairEvery = 5 * time.Second

// repair mends the simulated cars whose orders have closed, until ctx ends. An
// order is mended once per process; mending a sound part again does no harm.
func (d *dealer) repair(ctx context.Context) error {
	done := map[string]bool{}
	tick := time.NewTicker(repairEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := d.repairClosed(ctx, done); err != nil && ctx.Err() == nil {
			d.logger.Warn("closed orders could not be read, will try again", "error", err)
		}
	}
}

func (d *dealer) repairClosed(ctx context.Context, done map[string]bool) error {
	orders := pitcrewv1.NewWorkOrderServiceClient(d.conn)
	req := &pitcrewv1.ListWorkOrdersRequest{State: "closed"}
	for {
		page, err := orders.ListWorkOrders(ctx, req)
		if err != nil {
			return err
		}
		for _, o := range page.GetWorkOrders() {
			if i, ok := d.fleet.Index(vehicle.VIN(o.GetVin())); ok && !done[o.GetId()] {
				done[o.GetId()] = true
				d.mend(i, o)
			}
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			return nil
		}
	}
}

// mend does on the car what the closed order says was fixed.
func (d *dealer) mend(car int, o *pitcrewv1.WorkOrder) {
	var items []string
	for _, l := range o.GetLines() {
		if l.GetOutcome() != "fixed" {
			continue
		}
		if l.GetComponent() != "" {
			items = append(items, l.GetComponent())
		}
		items = append(items, l.GetCodes()...)
	}
	for _, item := range items { // what this car or simulator does not have is passed over
		if err := d.fleet.Repair(car, o.GetClosed().AsTime(), item); err != nil {
			d.logger.Debug("not repaired in the simulation", "vin", o.GetVin(), "reason", err)
		}
	}
}
