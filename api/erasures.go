package api

import (
	"cmp"
	"context"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// EraseVehicle takes any VIN: of a vehicle that nobody registered there may still be
// something in quarantine.
func (s vehicles) EraseVehicle(ctx context.Context, req *pitcrewv1.EraseVehicleRequest) (*pitcrewv1.Erasure, error) {
	vin, err := vinOf(req.GetVin())
	if err != nil {
		return nil, err
	}
	e, err := s.o.Planner.Erase(ctx, vin, cmp.Or(strings.TrimSpace(req.GetActor()), anonymous), req.GetKeepWork())
	if err != nil {
		return nil, err
	}
	return encodeErasure(e), nil
}

// ListErasures looks for a vehicle by trying its VIN on the page's receipts.
func (s vehicles) ListErasures(ctx context.Context, req *pitcrewv1.ListErasuresRequest) (*pitcrewv1.ListErasuresResponse, error) {
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	vin, err := optionalVIN(req.GetVin())
	if err != nil {
		return nil, err
	}
	list, next, err := s.o.Queries.Erasures(ctx, page)
	if err != nil {
		return nil, err
	}
	out := &pitcrewv1.ListErasuresResponse{NextPageToken: next}
	for _, e := range list {
		if vin == vehicle.VIN("") || e.Of(vin) {
			out.Erasures = append(out.Erasures, encodeErasure(e))
		}
	}
	return out, nil
}

func (s vehicles) GetErasure(ctx context.Context, req *pitcrewv1.GetErasureRequest) (*pitcrewv1.Erasure, error) {
	e, err := s.o.Queries.Erasure(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return encodeErasure(e), nil
}

func encodeErasure(e planner.Erasure) *pitcrewv1.Erasure {
	out := &pitcrewv1.Erasure{
		Id: e.ID, State: "running", Vin: string(e.VIN), Digest: e.Digest, Actor: e.Actor, KeepWork: e.KeepWork,
		Requested: stamp(e.Requested), Done: stamp(e.Done), Days: int32(e.Days), Removed: map[string]int32{},
	}
	if !e.Done.IsZero() {
		out.State = "done"
	}
	for table, n := range e.Removed {
		out.Removed[table] = int32(n)
	}
	return out
}
