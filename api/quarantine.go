package api

import (
	"context"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/planner"
)

type quarantine struct {
	pitcrewv1.UnimplementedQuarantineServiceServer
	o Options
}

func (s quarantine) ListQuarantine(ctx context.Context, req *pitcrewv1.ListQuarantineRequest) (*pitcrewv1.ListQuarantineResponse, error) {
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.o.Queries.Quarantine(ctx, planner.QuarantineFilter{VIN: req.GetVin(), Reason: req.GetReason()}, page)
	if err != nil {
		return nil, err
	}
	return &pitcrewv1.ListQuarantineResponse{Messages: each(rows, encodeQuarantined), NextPageToken: next}, nil
}
