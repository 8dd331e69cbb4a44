package vehicle

import "time"

// Code is a diagnostic trouble code as SAE J2012 / ISO 15031-6 prints it:
// "P0171", with a failure type byte as "P0133-11" (ISO 14229).
type Code string

// CodeStatus is the life of a trouble code inside its ECU.
type CodeStatus string

// The states an ECU gives a trouble code (SAE J1979 services 07, 03 and 0A).
const (
	CodePending   CodeStatus = "pending"
	CodeConfirmed CodeStatus = "confirmed"
	CodePermanent CodeStatus = "permanent"
)

// CodeEntry is one code in a report.
type CodeEntry struct {
	Code        Code
	Status      CodeStatus
	UDS         *uint8    // ISO 14229 status byte, where the ECU gave it
	Severity    *uint8    // ISO 14229 severity byte
	FreezeFrame []Reading // signals frozen when the code was set
}

// CodeReport is the full set of codes seen by one ECU at one time: a code that
// is absent has gone. A report can cover one status only (service 03 alone says
// nothing about pending codes): Covers lists the statuses it speaks for, empty
// meaning all of them.
type CodeReport struct {
	Time       time.Time
	TimeSource TimeSource
	ECU        string // CAN id of the answer, "7E8"; empty when unknown
	MIL        *bool  // malfunction indicator lamp commanded on
	Covers     []CodeStatus
	Codes      []CodeEntry
}
