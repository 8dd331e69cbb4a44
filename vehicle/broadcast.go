package vehicle

import (
	"slices"
	"strings"
	"time"
)

// broadcastSpan is the time in which equal reports that repeat count as one.
const broadcastSpan = time.Hour

// monitorParts is room for the lamp, and for readiness of all monitors that one ECU has.
const monitorParts = 14

// BroadcastKey tells which reports that repeat say the same: those of one ECU of one
// vehicle that are equal in all but their time, within one hour of the clock.
type BroadcastKey struct {
	ecu, content string
	hour         int64
}

// BroadcastKey returns what the report has in common with its repetitions. Of the
// reports with one key the earliest says everything; which of them arrived, and in
// which order, makes no difference then.
func (r *CodeReport) BroadcastKey() BroadcastKey {
	parts := make([]string, 0, len(r.Codes)+len(r.Covers)+monitorParts)
	for _, c := range r.Codes {
		part := string(c.Code) + "=" + string(c.Status)
		if c.Severity != nil {
			part += string(rune(*c.Severity))
		}
		parts = append(parts, part)
	}
	for _, s := range r.Covers {
		parts = append(parts, string(s))
	}
	slices.Sort(parts)
	if r.MIL != nil && *r.MIL {
		parts = append(parts, "MIL")
	}
	if r.Readiness != nil {
		parts = append(parts, "complete")
		for _, m := range r.Readiness.Complete {
			parts = append(parts, string(m))
		}
		parts = append(parts, "incomplete")
		for _, m := range r.Readiness.Incomplete {
			parts = append(parts, string(m))
		}
	}
	return BroadcastKey{r.ECU, strings.Join(parts, " "), r.Time.Truncate(broadcastSpan).Unix()}
}
