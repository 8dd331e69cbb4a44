package diagnosis

import (
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// CodeGone is the status of the step with which an occurrence of a code ends.
const CodeGone vehicle.CodeStatus = "gone"

// Step is one change in the life of a code.
type Step struct {
	Status     vehicle.CodeStatus // from then on; CodeGone at the end
	At         time.Time          // of the first report that shows it
	OdometerKm float64            // 0 when unknown

	// Of a step down: the status that was taken away, by whom, and how that shows. By is
	// empty where nothing shows it. A confirmed code that was erased may be permanent
	// still: that is a step down, too.
	Lost vehicle.CodeStatus
	By   Eraser
	Why  lang.Text
}

// Eraser says who took a code away.
type Eraser string

// Erasers.
const (
	ByTool     Eraser = "tool"     // a tester erased the codes, or the battery was disconnected
	ByWorkshop Eraser = "workshop" // the vehicle was there; that it erased the codes shows only where Why says so
	ByItself   Eraser = "itself"   // the ECU dropped it, because its own tests passed
)

// Trace is what is known of a span of time beside the lists of codes.
type Trace struct {
	Kind     TraceKind
	ECU      string // whose monitors tell it; empty: of the vehicle
	From, To time.Time
	Why      lang.Text // how it shows
}

// TraceKind says what a trace tells.
type TraceKind uint8

// Kinds of traces.
const (
	TraceKept     TraceKind = iota // codes were not erased in the whole of the span
	TraceErased                    // codes were erased at some time of the span
	TraceWorkshop                  // the vehicle was in a workshop at some time of the span
)

// meets reports whether the trace may tell of something after from and by to. The
// report that listed the code last can be of the moment at which it was erased.
func (t Trace) meets(from, to time.Time) bool { return !t.To.Before(from) && !t.From.After(to) }

func (t Trace) spans(from, to time.Time) bool { return !t.From.After(from) && !t.To.Before(to) }

// tracesFor are those that tell of the codes of an ECU. What the monitors of an ECU tell
// is of its own codes. Of an ECU without monitors, those of the others tell that codes
// were erased, since testers ask all at once; they do not tell that its codes were kept.
func tracesFor(ecu string, traces []Trace) []Trace {
	own := slices.ContainsFunc(traces, func(t Trace) bool { return t.ECU == ecu && ecu != "" })
	return slices.DeleteFunc(slices.Clone(traces), func(t Trace) bool {
		return t.ECU != "" && t.ECU != ecu && (own || t.Kind == TraceKept)
	})
}

// eraserOf says who took a status away between the report that held it last and the
// first without it. What shows that codes were erased outweighs a counter that went on:
// ECUs are erased one by one.
func eraserOf(status vehicle.CodeStatus, traces []Trace, held, missing time.Time) (Eraser, lang.Text) {
	if status == vehicle.CodePermanent {
		return ByItself, lang.Text{EN: "no tester can erase a permanent code", ZH: "诊断仪无法清除永久故障码"}
	}
	var erased, kept, workshop Trace
	for _, t := range traces {
		switch {
		case t.Kind == TraceWorkshop && workshop.Why.IsZero() && t.meets(held, missing):
			workshop = t
		case t.Kind == TraceErased && erased.Why.IsZero() && t.meets(held, missing):
			erased = t
		case t.Kind == TraceKept && kept.Why.IsZero() && t.spans(held, missing):
			kept = t
		}
	}
	switch {
	case !erased.Why.IsZero() && !workshop.Why.IsZero():
		return ByWorkshop, lang.Text{EN: workshop.Why.EN + "; " + erased.Why.EN, ZH: workshop.Why.ZH + "；" + erased.Why.ZH}
	case !erased.Why.IsZero():
		return ByTool, erased.Why
	case !kept.Why.IsZero():
		return ByItself, kept.Why
	}
	if !workshop.Why.IsZero() {
		return ByWorkshop, workshop.Why
	}
	return "", lang.Text{}
}

// erasedIn reports whether something shows that codes were erased between the report that
// held a status last and the first without it.
func erasedIn(traces []Trace, held, missing time.Time) bool {
	return slices.ContainsFunc(traces, func(t Trace) bool { return t.Kind == TraceErased && t.meets(held, missing) })
}

// Bits of the status byte of ISO 14229-1, D.2.
const (
	udsNotTestedSinceClear = 1 << 4
	udsFailedSinceClear    = 1 << 5
)

// udsTrace is what the status byte of a code tells of the time between two reports.
func udsTrace(before, now uint8, from, to time.Time) (Trace, bool) {
	t := Trace{From: from, To: to}
	switch {
	case before&udsNotTestedSinceClear == 0 && now&udsNotTestedSinceClear != 0:
		t.Kind = TraceErased
		t.Why = lang.Text{EN: "the ECU has not tested since codes were erased (UDS status bit 4)", ZH: "自清码后 ECU 尚未完成检测（UDS 状态位 4）"}
	case before&udsFailedSinceClear != 0 && now&udsFailedSinceClear != 0:
		t.Why = lang.Text{EN: "the ECU still knows that the test failed since codes were erased (UDS status bit 5)", ZH: "ECU 仍记录自清码以来检测失败过（UDS 状态位 5）"}
	default:
		return t, false
	}
	return t, true
}

// erasedTrace is that an ECU said it has erased its codes.
func erasedTrace(at time.Time) Trace {
	return Trace{Kind: TraceErased, From: at, To: at, Why: lang.Text{EN: "the ECU said that it erased its codes (SAE J1979 service 04 or UDS service 14)", ZH: "ECU 回复已清码（SAE J1979 服务 04 或 UDS 服务 14）"}}
}
