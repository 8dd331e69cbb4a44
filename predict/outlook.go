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

// Done gives back the memory of an outlook, which must not be asked afterwards. Who asks about
// thousands of times spares most of what reading them costs; without it nothing is wrong.
func (o Outlook) Done() {
	if room := o.t.slab; room != nil { // once: two vehicles must not be computed in the same
		o.t.slab = nil
		room.free()
	}
}

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

// Limit is Forecast.Limit alone, in a part of its time: zero when nothing is known of the part,
// false when the vehicle is not known to have it.
func (o Outlook) Limit(c Component) (Dates, bool) {
	row, ok := o.t.rowOf(c)
	if !ok {
		return Dates{}, false
	}
	p := o.t.path(row, false)
	pass, known := o.t.limitLaw(&p)
	if !known {
		return Dates{}, true
	}
	days, _ := o.t.inDays(&p, &pass)
	return o.t.dates(days), true
}

// ChanceBy is the chance, 0..1, that the part that is in now reaches its limit by a time, whatever
// plan and practice say; it is 0.1, 0.5 and 0.9 on the dates of Forecast.Limit, and exact to
// 0.002. False when nothing is known of the part.
func (o Outlook) ChanceBy(c Component, at time.Time) (float64, bool) {
	row, ok := o.t.rowOf(c)
	if !ok {
		return 0, false
	}
	p := o.t.path(row, false)
	pass, ok := o.t.calibratedLimit(&p)
	if !ok {
		return 0, false
	}
	return o.t.chanceBy(&p, &pass, at), true
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
