package api

import (
	"context"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

type records struct {
	pitcrewv1.UnimplementedHistoryServiceServer
	o Options
}

// ListHistory pages through a vehicle's records, newest first. A vehicle has
// tens of them, so all are read and the totals cover every page.
func (s records) ListHistory(ctx context.Context, req *pitcrewv1.ListHistoryRequest) (*pitcrewv1.ListHistoryResponse, error) {
	row, err := known(ctx, s.o.Queries, req.GetVin())
	if err != nil {
		return nil, err
	}
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	all, err := s.o.Queries.Records(ctx, row.Vehicle.VIN)
	if err != nil {
		return nil, err
	}
	timeline := history.Timeline(all)
	start := 0
	if page.After != "" { // the id of the last record of the page before
		start = 1 + slices.IndexFunc(timeline, func(r history.Record) bool { return r.ID == page.After })
		if start == 0 {
			return nil, fault.Invalidf("pageToken", "this is not a token that a page before answered with")
		}
	}
	out := &pitcrewv1.ListHistoryResponse{Totals: encodeTotals(history.TotalsOf(all))}
	end := min(start+page.Size, len(timeline))
	if start < end {
		out.Records = each(timeline[start:end], encodeRecord)
	}
	if end < len(timeline) {
		out.NextPageToken = timeline[end-1].ID
	}
	return out, nil
}

func (s records) AddHistory(ctx context.Context, req *pitcrewv1.AddHistoryRequest) (*pitcrewv1.ServiceRecord, error) {
	vin, err := vinOf(req.GetVin())
	if err != nil {
		return nil, err
	}
	if other := req.GetRecord().GetVin(); other != "" && other != string(vin) {
		return nil, fault.Invalidf("vin", "the record is of %s, the path says %s", other, vin)
	}
	rec, err := s.o.Planner.AddRecord(ctx, decodeRecord(vin, req.GetRecord()))
	if err != nil {
		return nil, err
	}
	return encodeRecord(rec), nil
}
