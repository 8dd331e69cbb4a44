package influx

import (
	"regexp"
	"strings"
	"sync"
)

// conflicts remembers for which fields it was said that InfluxDB holds another type
// there. pitcrew writes one type into each of its fields, so that somebody else
// writes into its measurement, and will with every message until a person acts.
type conflicts struct {
	mu   sync.Mutex
	said map[string]bool
}

// mostConflicts bounds the memory; beyond it every field has been said.
const mostConflicts = 1000

// conflictingField finds the field in the words of 1.8 and 2.x.
var conflictingField = regexp.MustCompile(`field type conflict: input field "(.+)" on measurement`)

// isNew returns the field that a refusal is about, if it is about one that was not
// said yet.
func (c *conflicts) isNew(reason string) (string, bool) {
	if !strings.Contains(reason, "field type conflict") {
		return "", false
	}
	field := "unknown"
	if found := conflictingField.FindStringSubmatch(reason); found != nil {
		field = found[1]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.said[field] || len(c.said) >= mostConflicts {
		return "", false
	}
	if c.said == nil {
		c.said = make(map[string]bool)
	}
	c.said[field] = true
	return field, true
}

// tellConflict says it once for a field.
func (s *Store) tellConflict(reason string) {
	if field, isNew := s.conflicts.isNew(reason); isNew {
		s.options.Logger.Error("InfluxDB holds another type in a field of pitcrew: samples with this signal go to quarantine. "+
			"Somebody else writes into the measurement: stop that, delete what it wrote or take another bucket, and replay the quarantine",
			"field", field, "measurement", measurement, "bucket", s.options.Bucket, "reason", reason)
	}
}
