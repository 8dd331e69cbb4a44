package jsonmsg

import (
	"slices"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// readiness reads {"complete": ["catalyst"], "incomplete": ["evaporative_system"]}. One
// with a monitor that does not exist, or that is in it twice, is refused whole: a
// monitor that is left out is one that the ECU does not have.
func (m *message) readiness() *vehicle.Readiness {
	start := m.pos
	if m.peek() != '{' {
		m.skip()
		m.refuse(start, "readiness", `want an object with "complete" and "incomplete"`)
		return nil
	}
	lists := map[string][]vehicle.Monitor{}
	reason := ""
	for first := m.enter('{'); m.more('}', first); first = false {
		name := string(m.key().raw)
		if m.peek(); name != "complete" && name != "incomplete" {
			m.skip()
			continue
		}
		if _, again := lists[name]; again {
			reason = name + " is given twice"
		}
		lists[name] = []vehicle.Monitor{}
		for first := m.enter('['); m.more(']', first); first = false {
			m.peek()
			monitor := vehicle.Monitor(m.name("monitor"))
			switch {
			case !slices.Contains(vehicle.Monitors(), monitor):
				reason = "there is no such monitor"
			case slices.Contains(lists["complete"], monitor) || slices.Contains(lists["incomplete"], monitor):
				reason = string(monitor) + " is given twice"
			}
			lists[name] = append(lists[name], monitor)
		}
	}
	if reason != "" {
		m.refuse(start, "readiness", reason)
		return nil
	}
	r := vehicle.NewReadiness(lists["complete"], lists["incomplete"])
	return &r
}

// appendReadiness appends a readiness that readiness reads.
func appendReadiness(dst []byte, r vehicle.Readiness) []byte {
	dst = append(dst, `{"complete":`...)
	dst = appendMonitors(dst, r.Complete)
	dst = append(dst, `,"incomplete":`...)
	return append(appendMonitors(dst, r.Incomplete), '}')
}

func appendMonitors(dst []byte, all []vehicle.Monitor) []byte {
	dst = append(dst, '[')
	for i, monitor := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, string(monitor))
	}
	return append(dst, ']')
}
