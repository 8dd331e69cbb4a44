package degradation

// TopUp takes a share of the wear away at the state's clock: some of a fill was replaced, or
// filled up, by new, so that wear becomes wear x (1 - share). The share is known to a
// standard deviation. The rate stays, it is that of the same part. Nothing changes
// with a share of 0 that is certain; all of it is Renew.
func (m *Model) TopUp(s State, share, sd float64) State {
	if share >= 1 {
		return m.Renew(s)
	}
	share = max(share, 0)
	if share == 0 && sd == 0 {
		return s
	}
	for i := range m.Forms {
		f, curve := &s.forms[i], m.Forms[i].Curve
		wear, slope := curve.at(f.level)
		level := curve.Progress(wear * (1 - share))
		_, after := curve.at(level)
		// Progress goes by the ratio of the slopes, and by the error of the share.
		by := 1 - share
		if after > flat && slope > flat {
			by = (1 - share) * slope / after
		}
		off := wear * sd / max(after, flat)
		f.level, f.vL, f.cLR, f.cSL = level, by*by*f.vL+off*off, by*f.cLR, by*f.cSL
	}
	return s
}

// flat is a slope of a curve that is taken for none.
const flat = 0.05
