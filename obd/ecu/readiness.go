package ecu

import (
	"cmp"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// monitorStatus is PID 01: how far an ECU is since its codes were erased. PID 41 tells
// of the driving cycle only.
const monitorStatus = 0x01

// monitored is the last answer of one ECU to PID 01.
type monitored struct {
	ecu       string
	at        where
	readiness j1979.Readiness
	unclear   bool // it may be of more than one ECU
}

// monitors takes the data of a PID, and keeps those of PID 01. Of a log of some rounds
// the last one counts. Where the ECUs have no names, the one with the most monitors is
// the engine's; which of two with the same monitors is which changes from message to message.
func (a *Answers) monitors(ecu string, at where, pid uint8, data []byte) {
	if pid != monitorStatus {
		return
	}
	r, err := j1979.DecodeReadiness(data)
	if err != nil {
		return // cut: that was refused already
	}
	i := slices.IndexFunc(a.monitored, func(m monitored) bool { return m.ecu == ecu })
	if i < 0 {
		a.monitored = append(a.monitored, monitored{ecu: ecu, at: at, readiness: r})
		return
	}
	m := &a.monitored[i]
	if ecu == "" {
		switch had, has := supported(m.readiness), supported(r); {
		case len(has) < len(had):
			return
		case slices.Equal(has, had):
			m.unclear = m.unclear || !slices.Equal(m.readiness.Monitors, r.Monitors)
		}
	}
	m.at, m.readiness = at, r
}

func supported(r j1979.Readiness) (all []vehicle.Monitor) {
	for _, m := range r.Monitors {
		if m.Supported {
			all = append(all, m.Name)
		}
	}
	return all
}

// ready puts what ECUs told of their monitors and lamps to their lists of codes; where
// the message has none of an ECU, it is a report of its own.
func (a *Answers) ready(r *reports) {
	slices.SortStableFunc(a.monitored, func(x, y monitored) int { return cmp.Compare(x.ecu, y.ecu) })
	for _, m := range a.monitored {
		if m.unclear {
			a.refuse(m.at, "readiness is not used: answers to PID 01 differ, and no headers tell the ECUs")
			continue
		}
		covers := []vehicle.CodeStatus{vehicle.CoversNone}
		if i := slices.IndexFunc(r.all, func(one vehicle.CodeReport) bool {
			return one.ECU == m.ecu && !slices.Contains(one.Covers, vehicle.CoversNone)
		}); i >= 0 {
			covers = r.all[i].Covers
		}
		told := m.readiness.Told()
		r.merge(vehicle.CodeReport{ECU: m.ecu, Covers: covers, MIL: &m.readiness.MIL, Readiness: &told})
	}
}
