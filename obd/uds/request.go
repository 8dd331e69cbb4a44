package uds

// Request is what was asked of service 19, as far as the answer does not repeat
// it. The zero value says that nothing is known.
type Request struct {
	Subfunction  Subfunction // 0: unknown
	StatusMask   Status      // only codes with one of these bits were asked for; 0: unknown
	SeverityMask Severity    // only codes with one of these bits were asked for; 0: unknown
}

// ParseRequest reads a request of service 19, "19 02 FF". It is false for other
// services and for a request that is cut.
func ParseRequest(message []byte) (Request, bool) {
	const suppressed = 0x80 // asks for no positive answer
	if len(message) < 2 || message[0] != ReadDTCInformation {
		return Request{}, false
	}
	r := Request{Subfunction: Subfunction(message[1] &^ suppressed)}
	at := maskPlaces[r.Subfunction]
	if len(message) <= max(1, at.status, at.severity) {
		return Request{}, false
	}
	if at.status > 0 {
		r.StatusMask = Status(message[at.status])
	}
	if at.severity > 0 {
		r.SeverityMask = Severity(message[at.severity])
	}
	return r, true
}

// maskPlaces is where the masks stand in a request; 0 where there is none.
var maskPlaces = map[Subfunction]struct{ status, severity int }{
	0x01: {status: 2}, 0x02: {status: 2}, 0x0F: {status: 2}, 0x11: {status: 2}, 0x12: {status: 2}, 0x13: {status: 2},
	0x07: {severity: 2, status: 3}, 0x08: {severity: 2, status: 3},
	0x42: {status: 3, severity: 4},
}
