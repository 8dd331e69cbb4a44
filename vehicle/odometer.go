package vehicle

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

// OdometerSource says who read an odometer.
type OdometerSource string

// Sources of odometer readings.
const (
	OdometerTelemetry OdometerSource = "telemetry"
	OdometerWorkOrder OdometerSource = "work order"
	OdometerRecord    OdometerSource = "service record" // of another workshop
	OdometerFuelCard  OdometerSource = "fuel card"
	OdometerPerson    OdometerSource = "person"
)

// ofADay says whether the time of such a reading is that of a visit, before or after
// which the vehicle may have been driven on the same day.
func (s OdometerSource) ofADay() bool {
	return s == OdometerWorkOrder || s == OdometerRecord || s == OdometerPerson
}

// OdometerUnit is the unit in which a reading was given.
type OdometerUnit string

// Units of odometer readings. A reading without a unit was given in metres.
const (
	Metres     OdometerUnit = "m"
	Kilometres OdometerUnit = "km"
	Miles      OdometerUnit = "mi"
)

const metresPerMile = 1609.344

// metres is the length of the unit, NaN for one that is not known.
func (u OdometerUnit) metres() float64 {
	switch u {
	case Metres, "":
		return 1
	case Kilometres:
		return 1000
	case Miles:
		return metresPerMile
	}
	return math.NaN()
}

// OdometerReading is a total distance seen at one time: by the car, on a work
// order, on a fuel card, or by a person.
type OdometerReading struct {
	Time   time.Time
	Metres float64 // what the instrument showed
	Source OdometerSource
	Raw    float64      // as it was given, in Unit
	Unit   OdometerUnit // empty: only Metres is known
}

// ReadOdometer is the reading of raw units. One in a unit that is not known has
// NaN metres, and a ledger refuses it.
func ReadOdometer(at time.Time, source OdometerSource, raw float64, unit OdometerUnit) OdometerReading {
	return OdometerReading{Time: at, Metres: raw * unit.metres(), Source: source, Raw: raw, Unit: unit}
}

// ID names the reading among those of its vehicle: what was read when by whom. The
// same reading has the same one wherever and whenever it is computed.
func (r OdometerReading) ID() string {
	k := keyOf(r)
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %x %s", k.at, k.metres, k.source))
	return hex.EncodeToString(sum[:8])
}

func compareReadings(a, b OdometerReading) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Metres, b.Metres), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Raw, b.Raw))
}

// OdometerVerdict is what a person decides about a reading.
type OdometerVerdict string

// Verdicts.
const (
	// AcceptReading says that the instrument did show this. No rate limit applies
	// to it, and where it is lower than before, another instrument began.
	AcceptReading OdometerVerdict = "accept"
	// VoidReading takes a reading out, whatever it says.
	VoidReading OdometerVerdict = "void"
	// CorrectReading says that the vehicle had gone Metres in all at the time of the
	// reading, and takes that reading, if there is one, out. It always holds:
	// readings that contradict it are refused, however many there are.
	CorrectReading OdometerVerdict = "correct"
	// WithdrawDecision leaves the reading to the ledger again, as if nobody had decided.
	WithdrawDecision OdometerVerdict = "withdraw"
)

// OdometerDecision is a verdict by a person. It is about the reading with the
// same time, metres and source; of several about one reading the newest counts.
// A correction needs no reading, its time is enough. An accepted reading counts
// even where nobody else remembers it: of a day of telemetry only the last one is kept.
type OdometerDecision struct {
	Verdict OdometerVerdict
	Reading OdometerReading
	Metres  float64 // the true total, of a correction
	At      time.Time
	By      string
	Note    string // why, in their words
}

// OdometerKind says what a reading is thought to be, or why a segment began.
type OdometerKind string

// Kinds of refused readings; a segment begins with a swap, a wrap, a rollback
// that a person has confirmed, a correction, or because it is the first.
const (
	OdometerFirst       OdometerKind = "first"
	OdometerSpike       OdometerKind = "spike"          // a value between which and its neighbours nobody can have driven
	OdometerTypo        OdometerKind = "typo"           // fits with a digit more, less or changed, or two swapped
	OdometerUnitMix     OdometerKind = "unit"           // fits as miles read for kilometres, or the reverse
	OdometerWrap        OdometerKind = "wrap"           // the counter ran over
	OdometerRollback    OdometerKind = "rollback"       // lower, and stays lower
	OdometerSwap        OdometerKind = "swap"           // another instrument
	OdometerNotDistance OdometerKind = "not a distance" // below zero, not a number, unit unknown
	OdometerDuplicate   OdometerKind = "duplicate"      // another source said the same at the same time
	OdometerVoided      OdometerKind = "voided"         // by a person
	OdometerCorrection  OdometerKind = "correction"     // by a person
)

// AcceptedReading is a reading that the ledger believes.
type AcceptedReading struct {
	OdometerReading
	Total float64 // metres the vehicle had gone in all: Metres and the offset of the segment, never less than before
	By    string  // who accepted or corrected it, empty for nobody
}

// RefusedReading is a reading that the ledger does not believe.
type RefusedReading struct {
	Reading OdometerReading
	Kind    OdometerKind
	Reason  lang.Text // one line for a person
}

// OdometerSegment is the time in which one offset holds between what the
// instrument shows and what the vehicle has gone.
type OdometerSegment struct {
	Start  time.Time // the first reading of the segment
	Offset float64   // metres to add
	Kind   OdometerKind
	Why    lang.Text // one line for a person
}

// OdometerLedger is what is known about the distance of one vehicle. Accepted,
// Refused and Segments are in order of time.
type OdometerLedger struct {
	Accepted []AcceptedReading
	Refused  []RefusedReading
	Segments []OdometerSegment
}

// Current is the newest accepted reading; false when there is none.
func (l *OdometerLedger) Current() (AcceptedReading, bool) {
	if len(l.Accepted) == 0 {
		return AcceptedReading{}, false
	}
	return l.Accepted[len(l.Accepted)-1], true
}

// Kilometres a day that no vehicle of a class beats for long, for LedgerOf.
const (
	CarKmPerDay   = 1500 // one driver
	BusKmPerDay   = 800  // a city's buses and municipal vehicles
	TruckKmPerDay = 2000 // 24 hours at 80 km/h, two drivers
)
