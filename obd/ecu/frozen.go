package ecu

import (
	"fmt"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// frozen is one freeze frame of one ECU.
type frozen struct {
	frameKey
	at       where
	named    bool         // the ECU told the code, or that there is no frame
	code     vehicle.Code // empty when there is none
	readings []vehicle.Reading
}

type frameKey struct {
	ecu    string
	number byte
}

// codeOf is a code that an ECU lists.
type codeOf struct {
	ecu  string
	code vehicle.Code
}

// freeze puts an answer to service 02 to the frame it is part of.
func (a *Answers) freeze(ecu string, at where, f j1979.Freeze) {
	key := frameKey{ecu, f.Frame}
	i, ok := a.frames[key]
	if !ok {
		if a.frames == nil {
			a.frames = map[frameKey]int{}
		}
		i = len(a.frozen)
		a.frames[key] = i
		a.frozen = append(a.frozen, frozen{frameKey: key, at: at})
	}
	frame := &a.frozen[i]
	if f.Names() {
		frame.named, frame.code = true, f.Code
	}
	for _, r := range f.Frozen() { // at most one for each signal of service 01
		if !slices.ContainsFunc(frame.readings, func(have vehicle.Reading) bool { return have.Signal == r.Signal }) {
			frame.readings = append(frame.readings, r)
		}
	}
}

// attachFrozen puts each freeze frame to its code, where the reports list that code for
// the same ECU. A code that no list of the message has is told as stored: devices ask for
// lists and frames one by one. A frame whose code is not known is refused: frozen values
// must not pass for current ones.
func (a *Answers) attachFrozen(r *reports) {
	frames := map[codeOf][]vehicle.Reading{}
	for _, f := range a.frozen {
		if f.code != "" && len(f.readings) > 0 {
			k := codeOf{f.ecu, f.code}
			frames[k] = append(frames[k], f.readings...)
		}
	}
	listed := attach(frames, r.all)
	for _, f := range a.frozen {
		k := codeOf{f.ecu, f.code}
		switch {
		case !f.named:
			a.refuse(f.at, fmt.Sprintf("freeze frame %d is not used: its code (PID 02) was not asked", f.number))
		case frames[k] != nil && !listed[k]:
			r.merge(vehicle.CodeReport{ECU: f.ecu, Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Codes: []vehicle.CodeEntry{
				{Code: f.code, Status: vehicle.CodeStored, FreezeFrame: frames[k]},
			}})
		}
	}
}

// attach puts readings to their codes, and tells which of them the reports list.
func attach(frames map[codeOf][]vehicle.Reading, reports []vehicle.CodeReport) (listed map[codeOf]bool) {
	if len(frames) == 0 {
		return nil
	}
	listed = map[codeOf]bool{}
	for i := range reports {
		for j := range reports[i].Codes {
			e := &reports[i].Codes[j]
			k := codeOf{reports[i].ECU, e.Code}
			if more, ok := frames[k]; ok {
				e.FreezeFrame = slices.Concat(e.FreezeFrame, more) // the old one may belong to several entries
				listed[k] = true
			}
		}
	}
	return listed
}
