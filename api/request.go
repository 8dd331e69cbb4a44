package api

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	defaultPage = 50
	maxPage     = 200
)

// pageOf reads the paging fields that all list requests share.
func pageOf(req interface {
	GetPageSize() int32
	GetPageToken() string
}) (planner.Page, error) {
	size := int(req.GetPageSize())
	switch {
	case size == 0:
		size = defaultPage
	case size < 0 || size > maxPage:
		return planner.Page{}, fault.Invalidf("pageSize", "%d is not between 1 and %d", size, maxPage)
	}
	return planner.Page{Size: size, After: req.GetPageToken()}, nil
}

// vinOf reads the VIN of a path.
func vinOf(raw string) (vehicle.VIN, error) {
	vin, err := vehicle.ParseVIN(raw)
	if err != nil {
		return "", fault.Invalidf("vin", "%q is not a VIN: 17 digits and letters, without I, O and Q", raw)
	}
	return vin, nil
}

// optionalVIN reads the VIN of a filter.
func optionalVIN(raw string) (vehicle.VIN, error) {
	if raw == "" {
		return "", nil
	}
	return vinOf(raw)
}

// oneOf refuses a filter by a value that there is not; an empty one filters
// nothing.
func oneOf[S ~string](field string, value S, known ...S) error {
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	return fault.Invalidf(field, "%q is not one of %s", value, strings.Join(words(known), ", "))
}

// statesOf reads a comma-separated list of states, each of which must be one the
// domain has.
func statesOf[S ~string](raw string, known []S) ([]S, error) {
	if raw == "" {
		return nil, nil
	}
	var out []S
	for _, word := range strings.Split(raw, ",") {
		s := S(strings.TrimSpace(word))
		if s == "" {
			return nil, fault.Invalidf("state", "the list of states has a gap")
		}
		if err := oneOf("state", s, known...); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// spanned is a request about a span of time.
type spanned interface {
	GetFrom() *timestamppb.Timestamp
	GetTo() *timestamppb.Timestamp
}
