package vehicle

import (
	"slices"
	"time"
)

// Code is a diagnostic trouble code as its standard prints it: "P0171" (SAE
// J2012), with a failure type byte "P0133-11" (ISO 15031-6), "SPN609-FMI19" (SAE
// J1939-73). Code.Namespace tells which standard that is.
type Code string

// CodeStatus is the life of a trouble code inside its ECU.
type CodeStatus string

// The states an ECU gives a trouble code (SAE J1979 services 07, 03 and 0A). A
// code of the history stands in the ECU's memory and its fault is not there any
// more: ISO 14229 status without bits 0, 2 and 3, SAE J1939 DM2.
const (
	CodePending   CodeStatus = "pending"
	CodeConfirmed CodeStatus = "confirmed"
	CodePermanent CodeStatus = "permanent"
	CodeHistory   CodeStatus = "history"
)

// CodeStored is of a code that the ECU has a freeze frame of, where the report does not
// tell more: whether the fault is there stands in other reports.
const CodeStored CodeStatus = "stored"

// CoversNone, alone in CodeReport.Covers, says that the set is complete for no
// status: a code that is absent may still be there.
const CoversNone CodeStatus = "none"

// CodeEntry is one code in a report.
type CodeEntry struct {
	Code        Code
	Status      CodeStatus
	UDS         *uint8    // ISO 14229 status byte, where the ECU gave it
	Severity    *uint8    // ISO 14229 severity byte
	FreezeFrame []Reading // signals frozen when the code was set
}

// FilledFrom takes from another entry of the same code the severity and the
// freeze frame that this one lacks.
func (e CodeEntry) FilledFrom(from CodeEntry) CodeEntry {
	if len(e.FreezeFrame) == 0 {
		e.FreezeFrame = from.FreezeFrame
	}
	if e.Severity == nil {
		e.Severity = from.Severity
	}
	return e
}

// CodeReport is the full set of codes seen by one ECU at one time: a code that
// is absent has gone. A report can cover one status only (service 03 alone says
// nothing about pending codes): Covers lists the statuses it speaks for, empty
// meaning pending, confirmed and permanent, and CoversNone none.
type CodeReport struct {
	Time       time.Time
	TimeSource TimeSource
	ECU        string // CAN id of the answer, "7E8"; empty when unknown
	MIL        *bool  // malfunction indicator lamp commanded on
	Covers     []CodeStatus
	Codes      []CodeEntry

	// Broadcast is set for sets that the car repeats all the time, without being
	// asked (SAE J1939 DM1 each second, the alarms in each GB/T 32960 frame): one
	// of many equal ones says as much as all.
	Broadcast bool

	// Erased is set where the ECU said that it has erased its codes (SAE J1979 service
	// 04, answer 44; ISO 14229 service 14, answer 54). The codes in the report may be
	// those of before.
	Erased bool

	// Readiness is how far the ECU was with its monitors; nil where it did not say.
	Readiness *Readiness
}

// Repeats reports whether of many equal reports one says as much as all: sets that are
// broadcast, and readiness alone, which devices may ask for every second.
func (r *CodeReport) Repeats() bool {
	return r.Broadcast || r.Readiness != nil && !r.Erased && len(r.Codes) == 0 && slices.Contains(r.Covers, CoversNone)
}
