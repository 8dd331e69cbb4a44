package history

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

// Limits of a plausible record.
const (
	maxOdometerKm = 5e6
	maxHours      = 200
	maxLitres     = 200
	MaxPart       = 100 // bytes of what was put in
	// clockSkew is how far ahead another system's clock may run.
	clockSkew = 24 * time.Hour
)

// RecordID names the record of a source's own number: reading the same document
// twice gives the same id.
func RecordID(s Source, sourceID string) string {
	return hash("record", string(s), sourceID)
}

// contentID names a record that its source gave no number by what it says.
func contentID(r Record) string {
	parts := []string{"content", string(r.Source), string(r.VIN), r.Visited.Format(time.RFC3339), fmt.Sprintf("%.0f", r.OdometerKm), r.Shop}
	for _, i := range r.Items {
		parts = append(parts, i.Component, i.Operation, i.Text)
		if i.Outcome == OutcomeToppedUp || i.Outcome == OutcomeKept { // two of them are two, a renewal with another outcome is the same one
			parts = append(parts, string(i.Outcome), fmt.Sprintf("%g", i.Litres))
		}
	}
	return hash(parts...)
}

// hash joins with the length of each part, so that no two lists are alike.
func hash(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%d:%s", len(p), p)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}

// NewRecord makes a record out of what a source said: it trims texts, maps
// component names to the ids of the standard table where it has them, sets the id, the
// status and when it was recorded, and then validates. The id depends on
// (Source, SourceID), or on the content where the source has no number, so that
// importing a record twice makes one record.
func NewRecord(r Record, now time.Time) (Record, error) {
	r.Visited, r.Recorded = r.Visited.UTC(), now.UTC()
	r.SourceID, r.Shop, r.Note = strings.TrimSpace(r.SourceID), strings.TrimSpace(r.Shop), strings.TrimSpace(r.Note)
	r.Cost.Currency = strings.ToUpper(strings.TrimSpace(r.Cost.Currency))
	items := make([]Item, len(r.Items))
	for i, item := range r.Items {
		item.Operation, item.Text = strings.TrimSpace(item.Operation), strings.TrimSpace(item.Text)
		item.Component = strings.TrimSpace(item.Component)
		if c, ok := predict.Standard().ComponentOf(item.Component); ok {
			item.Component = string(c)
		}
		items[i] = item
	}
	r.Items = items
	if r.Status == "" {
		r.Status = Final
	}
	r.ID = contentID(r)
	if r.SourceID != "" {
		r.ID = RecordID(r.Source, r.SourceID)
	}
	return r, r.Validate(now)
}

// Validate returns nil, or every fault of the record joined: each is a
// *fault.Error of code Invalid that names its field. Whether the VIN is one is
// for whoever parsed it.
func (r Record) Validate(now time.Time) error {
	var errs []error
	check := func(ok bool, field, format string, args ...any) {
		if !ok {
			errs = append(errs, fault.Invalidf(field, format, args...))
		}
	}
	check(r.VIN != "", "vin", "say which vehicle")
	check(!r.Visited.IsZero(), "visited", "say when the work was done")
	check(!r.Visited.After(now.Add(clockSkew)), "visited", "lies in the future")
	check(r.OdometerKm >= 0 && r.OdometerKm <= maxOdometerKm, "odometerKm", "must lie between 0 and %.0f", maxOdometerKm)
	check(r.Hours >= 0 && r.Hours <= maxHours, "hours", "must lie between 0 and %d", maxHours)
	switch r.Source {
	case FromWorkOrder, FromDealer, FromWorkshop, FromOwner:
	default:
		check(false, "source", "must be work_order, dealer, workshop or owner")
	}
	check(r.Status == Final || r.Status == EnteredInError, "status", "must be final or entered_in_error")
	check(r.Cost.Minor >= 0, "cost.minor", "must not be negative")
	check(r.Cost == Money{} || isCurrency(r.Cost.Currency), "cost.currency", "must be three letters of ISO 4217")
	errs = append(errs, r.validateItems()...)
	for i, m := range r.Measurements {
		field := fmt.Sprintf("measurements[%d]", i)
		check(m.Component != "", field+".component", "say what was measured")
		check(!math.IsNaN(m.Value) && !math.IsInf(m.Value, 0), field+".value", "must be a number")
	}
	for i, p := range r.Parts {
		check(p.Quantity >= 0 && p.Quantity <= 1e6, fmt.Sprintf("parts[%d].quantity", i), "must lie between 0 and a million")
	}
	return errors.Join(errs...)
}

func (r Record) validateItems() []error {
	var errs []error
	seen := make(map[Item]bool, len(r.Items))
	for i, item := range r.Items {
		field := fmt.Sprintf("items[%d]", i)
		if item.Component == "" && item.Operation == "" && item.Text == "" {
			errs = append(errs, fault.Invalidf(field, "says nothing"))
		}
		switch item.Outcome {
		case OutcomeUnknown, OutcomeFailed, OutcomeReplacedEarly, OutcomeToppedUp, OutcomeKept:
		default:
			errs = append(errs, fault.Invalidf(field+".outcome", "must be empty, failed, replaced_early, topped_up or kept"))
		}
		if item.Outcome == OutcomeKept && item.Component == "" {
			errs = append(errs, fault.Invalidf(field+".component", "must name what was kept"))
		}
		switch {
		case !(item.Litres >= 0 && item.Litres <= maxLitres):
			errs = append(errs, fault.Invalidf(field+".litres", "must lie between 0 and %d", maxLitres))
		case item.Litres > 0 && item.Outcome != OutcomeToppedUp:
			errs = append(errs, fault.Invalidf(field+".litres", "is only told of what was topped_up"))
		}
		if len(item.Part) > MaxPart {
			errs = append(errs, fault.Invalidf(field+".part", "has more than %d bytes", MaxPart))
		}
		same := item
		same.Outcome = ""
		if seen[same] {
			errs = append(errs, fault.Invalidf(field, "is there twice"))
		}
		seen[same] = true
	}
	return errs
}

func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for _, c := range s {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}
