package predict

import "time"

// Outlook is what is known of one vehicle at one time. Making it reads the whole
// input, so a vehicle that is asked about several of its components is read once. It answers
// one question at a time.
type Outlook struct{ t *timeline }

// OutlookOf reads an input, whose slices must not be changed while it is asked.
func OutlookOf(in Input) Outlook {
	in.Now = in.Now.UTC()
	return Outlook{timelineIn(slabs.Get().(*slab), &in)}
}

// Done gives back the memory of an outlook that is not asked any more. Who asks about thousands
// of times spares most of what reading them costs; without it nothing is wrong.
func (o Outlook) Done() { o.t.slab.free() }

// Forecast answers for one component, as Forecasts does; false when the vehicle
// is not known to have it.
func (o Outlook) Forecast(c Component) (Forecast, bool) {
	row, ok := o.t.rowOf(c)
	if !ok {
		return Forecast{}, false
	}
	p := o.t.path(row, false)
	return o.t.forecast(&p), true
}

// WearAt is how worn the part that is in now will be at a time, as a fraction of its limit,
// if nobody renews it; false when nothing is known of it. Of a traction battery that is
// what is asked: its health at a date, not when it fails.
func (o Outlook) WearAt(c Component, at time.Time) (Quantiles, bool) {
	row, ok := o.t.rowOf(c)
	if !ok {
		return Quantiles{}, false
	}
	p := o.t.path(row, false)
	if !p.known() && !p.measured() {
		return Quantiles{}, false
	}
	return o.t.wearAt(&p, at), true
}
