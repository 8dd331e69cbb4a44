package console

import (
	"fmt"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// The drawing of a wear path, in units of its view box.
const (
	fanWidth  = 320.0
	fanHeight = 118.0
	fanTop    = 8.0
	fanBottom = 98.0 // wear 0; the labels of time stand below
	fanLeft   = 34.0 // the labels of wear stand before
	fanRight  = 314.0
	fanLeast  = 1.25 // wear at the top, at least
	fanMost   = 2.5  // and at most: what lies above is cut off
)

// fan is a wear path as it is drawn: what was, what will be between P10 and P90,
// and where that crosses the limit.
type fan struct {
	Past    string  // path of the median so far
	Ahead   string  // path of the median to come
	Band    string  // outline of P10 to P90
	Top     float64 // wear at the upper edge
	Now     float64
	NowMark string // where the label of now is anchored
	Limit   float64
	Half    float64
	Start   time.Time
	End     time.Time
	Due     *fanDue // nil when no date is known or it lies beyond the drawing
}

// fanDue is the span of dates in which the limit is reached.
type fanDue struct{ From, Mid, To float64 }

// fanOf draws the path of a forecast; nil when there is none to draw.
func fanOf(f *pitcrewv1.Forecast) *fan {
	path := f.GetPath()
	if len(path) < 2 {
		return nil
	}
	now := at(f.GetAsOf())
	start, end := at(path[0].GetTime()), at(path[len(path)-1].GetTime())
	if late := at(f.GetDue().GetP90()); !late.IsZero() { // leave out most of what comes after the limit
		end = earlier(end, later(late, now.Add(60*oneDay)).Add(late.Sub(start)/10))
	}
	if !start.Before(end) {
		return nil
	}
	x := func(t time.Time) float64 {
		share := float64(t.Sub(start)) / float64(end.Sub(start))
		return fanLeft + min(max(share, 0), 1)*(fanRight-fanLeft)
	}
	out := &fan{Now: x(now), Start: start, End: end, NowMark: "middle", Top: fanLeast}
	for _, pt := range path {
		if !at(pt.GetTime()).After(now) {
			out.Top = min(max(out.Top, 1.1*pt.GetWear().GetP50()), fanMost)
		}
	}
	out.Limit, out.Half = out.y(1), out.y(0.5)
	switch {
	case out.Now < fanLeft+40:
		out.NowMark = "start"
	case out.Now > fanRight-40:
		out.NowMark = "end"
	}
	out.draw(path, now, end, x)
	if due := f.GetDue(); due != nil && at(due.GetP50()).Before(end) && at(due.GetP50()).After(now) {
		out.Due = &fanDue{From: x(at(due.GetP10())), Mid: x(at(due.GetP50())), To: x(at(due.GetP90()))}
	}
	return out
}

// draw fills in the lines and the band.
func (f *fan) draw(path []*pitcrewv1.PathPoint, now, end time.Time, x func(time.Time) float64) {
	var past, ahead, upper line
	var lower []string
	over := false
	for _, pt := range path {
		t, w := at(pt.GetTime()), pt.GetWear()
		if t.After(end) {
			break
		}
		if !t.After(now) {
			past.to(x(t), f.y(w.GetP50()))
		}
		if !t.Before(now) && !over {
			if len(ahead.parts) == 0 && len(past.parts) > 0 {
				past.to(x(t), f.y(w.GetP50()))
			}
			ahead.to(x(t), f.y(w.GetP50()))
			over = w.GetP50() > f.Top // it would run on along the upper edge
		}
		upper.to(x(t), f.y(w.GetP90()))
		lower = append(lower, fmt.Sprintf("L%.1f %.1f", x(t), f.y(w.GetP10())))
	}
	f.Past, f.Ahead = past.String(), ahead.String()
	var band strings.Builder
	band.WriteString(upper.String())
	for i := len(lower) - 1; i >= 0; i-- {
		band.WriteString(lower[i])
	}
	f.Band = band.String() + "Z"
}

// y is the height of a wear; what lies beyond the drawing is cut off.
func (f *fan) y(wear float64) float64 {
	return fanBottom - min(max(wear, 0), f.Top)/f.Top*(fanBottom-fanTop)
}

// line is an SVG path of straight pieces.
type line struct{ parts []string }

func (l *line) to(x, y float64) {
	letter := "L"
	if len(l.parts) == 0 {
		letter = "M"
	}
	l.parts = append(l.parts, fmt.Sprintf("%s%.1f %.1f", letter, x, y))
}

func (l *line) String() string { return strings.Join(l.parts, "") }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// coordinate formats a coordinate.
func coordinate(v float64) string { return fmt.Sprintf("%.1f", v) }
