package api

import (
	"context"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

type vehicles struct {
	pitcrewv1.UnimplementedVehicleServiceServer
	o Options
}

func (s vehicles) ListVehicles(ctx context.Context, req *pitcrewv1.ListVehiclesRequest) (*pitcrewv1.ListVehiclesResponse, error) {
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	filter := planner.VehicleFilter{
		Text: req.GetQuery(), Powertrain: vehicle.Powertrain(req.GetPowertrain()),
		Drivability: diagnosis.Drivability(req.GetDrivability()),
	}
	if err := oneOf("powertrain", filter.Powertrain, vehicle.Petrol, vehicle.Diesel, vehicle.Hybrid, vehicle.BatteryElectric); err != nil {
		return nil, err
	}
	if err := oneOf("drivability", filter.Drivability, diagnosis.Stop, diagnosis.Soon, diagnosis.Monitor); err != nil {
		return nil, err
	}
	rows, next, err := s.o.Queries.Vehicles(ctx, filter, page)
	if err != nil {
		return nil, err
	}
	return &pitcrewv1.ListVehiclesResponse{Vehicles: each(rows, encodeVehicle), NextPageToken: next}, nil
}

func (s vehicles) GetVehicle(ctx context.Context, req *pitcrewv1.GetVehicleRequest) (*pitcrewv1.Vehicle, error) {
	row, err := known(ctx, s.o.Queries, req.GetVin())
	if err != nil {
		return nil, err
	}
	vin := row.Vehicle.VIN
	latest, err := s.o.Telemetry.Latest(ctx, vin)
	if err != nil {
		return nil, noTelemetry(err)
	}
	codes, err := s.o.Queries.CodeStates(ctx, vin)
	if err != nil {
		return nil, err
	}
	came, err := s.o.Queries.Reception(ctx, vin)
	if err != nil {
		return nil, err
	}
	clock, err := s.o.Queries.Clock(ctx, vin)
	if err != nil {
		return nil, err
	}
	out := encodeVehicle(row)
	out.Reception, out.Clock = encodeReception(came), encodeClock(clock)
	out.Readiness = encodeReadiness(row.Summary.Readiness)
	out.Signals = each(latest, encodeLatest)
	out.Codes = each(codes, encodeCode)
	return out, nil
}

func (s vehicles) PutVehicle(ctx context.Context, req *pitcrewv1.PutVehicleRequest) (*pitcrewv1.Vehicle, error) {
	vin, err := vinOf(req.GetVin())
	if err != nil {
		return nil, err
	}
	err = s.o.Planner.Register(ctx, vin, func(v *vehicle.Vehicle) {
		set(&v.Name, req.Name)
		set(&v.Plate, req.Plate)
		set(&v.Brand, req.Brand)
		set(&v.Model, req.Model)
		set(&v.TimeZone, req.TimeZone)
		if req.ModelYear != nil {
			v.ModelYear = int(*req.ModelYear)
		}
		if req.Powertrain != nil {
			v.Powertrain = vehicle.Powertrain(*req.Powertrain)
		}
		if req.GetInService() != nil {
			v.InService = moment(req.GetInService())
		}
		if o := req.GetOwner(); o != nil {
			v.Owner = vehicle.Owner{Name: o.GetName(), Locale: o.GetLocale(), Contact: o.GetContact()}
		}
	})
	if err != nil {
		return nil, err
	}
	return s.GetVehicle(ctx, &pitcrewv1.GetVehicleRequest{Vin: string(vin)})
}

func set(to *string, from *string) {
	if from != nil {
		*to = *from
	}
}

func (s vehicles) ListFindings(ctx context.Context, req *pitcrewv1.ListFindingsRequest) (*pitcrewv1.ListFindingsResponse, error) {
	row, err := known(ctx, s.o.Queries, req.GetVin())
	if err != nil {
		return nil, err
	}
	findings, err := s.o.Queries.Findings(ctx, row.Vehicle.VIN)
	if err != nil {
		return nil, err
	}
	return &pitcrewv1.ListFindingsResponse{Findings: each(findings, encodeFinding)}, nil
}

func (s vehicles) GetFleet(ctx context.Context, _ *pitcrewv1.GetFleetRequest) (*pitcrewv1.Fleet, error) {
	counts, err := s.o.Queries.Counts(ctx)
	if err != nil {
		return nil, err
	}
	return encodeCounts(counts), nil
}

// known reads a VIN and makes sure that we know the vehicle, so that a wrong one
// is not answered with an empty list.
func known(ctx context.Context, q planner.Queries, raw string) (planner.VehicleRow, error) {
	vin, err := vinOf(raw)
	if err != nil {
		return planner.VehicleRow{}, err
	}
	return q.VehicleRow(ctx, vin)
}
