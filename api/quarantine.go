package api

import (
	"context"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/planner"
)

// maxPayloads bounds the payloads of one page: a gRPC client takes 4 MB unless
// told otherwise, and a single payload has up to 1 MiB.
const maxPayloads = 2 << 20

type quarantine struct {
	pitcrewv1.UnimplementedQuarantineServiceServer
	o Options
}

// ListQuarantine reads a page again with fewer messages when the payloads are
// too large together.
func (s quarantine) ListQuarantine(ctx context.Context, req *pitcrewv1.ListQuarantineRequest) (*pitcrewv1.ListQuarantineResponse, error) {
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	filter := planner.QuarantineFilter{VIN: req.GetVin(), Reason: req.GetReason()}
	rows, next, err := s.o.Queries.Quarantine(ctx, filter, page)
	if err != nil {
		return nil, err
	}
	if fit := fitting(rows); fit < len(rows) {
		page.Size = fit
		if rows, next, err = s.o.Queries.Quarantine(ctx, filter, page); err != nil {
			return nil, err
		}
	}
	return &pitcrewv1.ListQuarantineResponse{Messages: each(rows, encodeQuarantined), NextPageToken: next}, nil
}

// fitting is how many messages fit a page, at least one.
func fitting(rows []planner.Quarantined) int {
	size := 0
	for i, q := range rows {
		if size += len(q.Payload); size > maxPayloads && i > 0 {
			return i
		}
	}
	return len(rows)
}
