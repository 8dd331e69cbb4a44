package uds

import (
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Report returns the answer as the full set of codes that the ECU has in certain
// states: a code of such a state that is absent has gone. It is false when the
// answer is no full set of any state, whatever it lists, since nothing follows
// from the absence of a code:
//
//	02, 13  Complete for the states whose status bits were asked for and which the
//	        ECU knows: the mask of the request (Options.Request) and the availability
//	        mask. Confirmed needs bit 3; pending bit 2, which is set whenever bit 0
//	        is (bit 0 serves where the ECU does not know bit 2); history bit 5. The
//	        answer does not repeat the mask of the request: without it, nothing is
//	        complete, and an empty list does not mean that there are no codes.
//	        13 is the set of the emission-related codes only, as services 03 and 07
//	        are: give it another ECU name where the same ECU is also asked for 02.
//	01      As 02, if the count is 0. Another count names no codes.
//	0A      All codes that the ECU can set: complete for all states whose bits it
//	        knows. Nearly all of them never failed and are no entries.
//	15, 55  Complete for permanent, whatever the status bits: they start anew when
//	        the codes are erased, and a permanent code stays.
//	42      As 02, if also every severity that the ECU knows was asked for.
//	03..06  One code, or what is stored for it: see Enrich.
//	07, 08  Codes that have no severity match no mask: never complete. So are 09,
//	        0B to 0E (one code), 11 and 12 (counts), and 14 (no status).
//	0F      The mirror memory keeps codes that were erased: it is not what the ECU
//	        has now.
//
// Entries are the codes of the states that are covered. A code that never failed
// since the codes were erased (bits 0 to 3, 5 and 7 clear) is none: ECUs list those
// whose test is not completed. MIL is true when one status asks for the warning
// lamp, false when all that do would be listed, else nil. An answer with a refused
// record is never complete.
func (c Codes) Report(at time.Time, ecu string) (vehicle.CodeReport, bool) {
	covers := c.covers()
	if len(covers) == 0 {
		return vehicle.CodeReport{}, false
	}
	r := vehicle.CodeReport{Time: at, ECU: ecu, Covers: covers, MIL: c.lamp()}
	for _, e := range c.Entries() {
		if slices.Contains(covers, e.Status) {
			r.Codes = append(r.Codes, e)
		}
	}
	return r, true
}

// Entries returns the codes of the answer that failed, also where they are no
// complete set. The freeze frame is the first snapshot record.
func (c Codes) Entries() []vehicle.CodeEntry {
	var entries []vehicle.CodeEntry
	for i := range c.DTCs {
		d := &c.DTCs[i]
		e := vehicle.CodeEntry{Code: d.Code, Status: d.Status.Code(), UDS: new(uint8(d.Status)), FreezeFrame: d.freezeFrame()}
		switch {
		case c.permanent():
			e.Status = vehicle.CodePermanent
		case d.Status&everFailed == 0:
			continue
		}
		if d.Severity != nil {
			e.Severity = new(uint8(*d.Severity))
		}
		entries = append(entries, e)
	}
	return entries
}

// everFailed are the bits of which at least one is set once a test has failed.
const everFailed = TestFailed | TestFailedThisCycle | Pending | Confirmed | FailedSinceClear | WarningIndicator

// Enrich adds the freeze frames (sub-functions 04 and 05) and the severities (08,
// 09 and 42) of the answer to the entries of a report of the same ECU that lack them.
func (c Codes) Enrich(r *vehicle.CodeReport) {
	told := map[vehicle.Code]vehicle.CodeEntry{}
	for _, e := range c.Entries() {
		told[e.Code] = told[e.Code].FilledFrom(e)
	}
	for i := range r.Codes {
		r.Codes[i] = r.Codes[i].FilledFrom(told[r.Codes[i].Code])
	}
}

func (d *DTC) freezeFrame() []vehicle.Reading {
	var frame []vehicle.Reading
	for _, s := range d.Snapshots {
		if s.Record == d.Snapshots[0].Record {
			frame = append(frame, s.readings...)
		}
	}
	return frame
}

func (c Codes) permanent() bool { return c.Subfunction == 0x15 || c.Subfunction == 0x55 }

// asked returns the status bits that are complete: a code with one of them is in the
// list.
func (c Codes) asked() Status {
	if c.damaged || c.Availability == nil {
		return 0
	}
	switch c.Subfunction {
	case 0x0A:
		return *c.Availability
	case 0x01:
		if *c.Count == 0 {
			return *c.Availability & c.request.StatusMask
		}
	case 0x02, 0x13:
		return *c.Availability & c.request.StatusMask
	case 0x42:
		if *c.SeverityAvailability&^c.request.SeverityMask == 0 && c.request.SeverityMask != 0 {
			return *c.Availability & c.request.StatusMask
		}
	}
	return 0
}

// covers lists the states that the answer is complete for.
func (c Codes) covers() []vehicle.CodeStatus {
	if c.permanent() && !c.damaged {
		return []vehicle.CodeStatus{vehicle.CodePermanent}
	}
	asked := c.asked()
	var covers []vehicle.CodeStatus
	if asked.Has(Pending) || asked.Has(TestFailed) && !c.Availability.Has(Pending) {
		covers = append(covers, vehicle.CodePending)
	}
	if asked.Has(Confirmed) {
		covers = append(covers, vehicle.CodeConfirmed)
	}
	if asked.Has(FailedSinceClear) {
		covers = append(covers, vehicle.CodeHistory)
	}
	return covers
}

func (c Codes) lamp() *bool {
	for _, d := range c.DTCs {
		if d.Status.Has(WarningIndicator) {
			return new(true)
		}
	}
	if c.asked().Has(WarningIndicator) {
		return new(false)
	}
	return nil
}
