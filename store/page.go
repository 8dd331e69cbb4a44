package store

import (
	"encoding/base64"
	"encoding/json"
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
)

// cursor is the key of the last row of a page. Rows are found by it, not by
// counting, so rows that come and go in between move nothing.
type cursor struct {
	List  string `json:"l"` // which list it belongs to
	Major int64  `json:"a,omitempty"`
	Minor int64  `json:"b,omitempty"`
	ID    string `json:"i"`
}

// first returns where a page starts: at its cursor, or at from.
func first(p planner.Page, from cursor) (cursor, error) {
	if p.Size < 1 || p.Size >= math.MaxInt32 {
		return cursor{}, fault.Invalidf("pageSize", "must be a positive number")
	}
	if p.After == "" {
		return from, nil
	}
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(p.After)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.List != from.List {
		return cursor{}, fault.Invalidf("pageToken", "is not a token of this list: start again without one")
	}
	return c, nil
}

func (c cursor) token() string {
	b, _ := json.Marshal(c) // numbers and text only: it cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

// cut takes the row too many off, if there is one, and returns the token of the
// next page.
func cut[R any](rows []R, p planner.Page, last func(R) cursor) ([]R, string) {
	if len(rows) <= p.Size {
		return rows, ""
	}
	rows = rows[:p.Size]
	return rows, last(rows[p.Size-1]).token()
}
