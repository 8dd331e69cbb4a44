package predict_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Pads that are worn out on day 750, at 40 km a day.
const wornOutOn = 750.0

// gauged is a vehicle with such pads until a day, and what their gauge shows of the wear on each, in steps of some
// percent.
func gauged(until int, step float64, shows func(day int, wear float64) float64) predict.Input {
	in := predict.Input{Powertrain: vehicle.Petrol, InService: day(-10), Days: drive(until, func(int) float64 { return 40 }), Now: day(until)}
	shown := func(yield func(predict.Shown) bool) {
		for i := range until {
			percent := 100 * min(shows(i, float64(i)/wornOutOn), 1)
			if !yield(predict.Shown{At: predict.At{Time: day(i).Add(20 * time.Hour)}, Percent: step * float64(int(percent/step))}) {
				return
			}
		}
	}
	in.Readings = slices.Collect(predict.PadGauge(predict.BrakePadsFront, shown))
	return in
}

// measured adds the lining that a workshop measured on a day.
func measured(in predict.Input, on int, mm float64) predict.Input {
	r, _ := predict.Standard().PadThickness(predict.BrakePadsFront, predict.At{Time: day(on).Add(9 * time.Hour)}, mm)
	in.Readings = append(in.Readings, r)
	return in
}

// limitOf is the forecast of the pads, and by how many days its P10, P50 and P90 lie after they are worn out.
func limitOf(t *testing.T, in predict.Input) (f predict.Forecast, early, middle, late float64) {
	t.Helper()
	f, ok := predict.ForecastOf(in, predict.BrakePadsFront)
	if !ok || f.Limit.P50.IsZero() {
		t.Fatal("no forecast of the pads")
	}
	after := func(at time.Time) float64 { return at.Sub(day(0)).Hours()/24 - wornOutOn }
	return f, after(f.Limit.P10), after(f.Limit.P50), after(f.Limit.P90)
}

// A sensor that shows the same for ever does not make the part last for ever.
func TestASensorThatStandsIsNotBelieved(t *testing.T) {
	t.Parallel()
	stuck := func(_ int, wear float64) float64 { return min(wear, 0.51) }
	for step, by := range map[float64]int{1: 600, 5: 650, 10: 730} {
		f, early, middle, late := limitOf(t, gauged(by, step, stuck))
		if early > 15 || late < 0 || middle > 90 {
			t.Errorf("steps of %g %%: limit %.0f, %.0f, %.0f days after the pads are worn out: %s", step, early, middle, late, f.Reason.EN)
		}
		if !strings.Contains(f.Reason.EN, "taken to have stopped") || !strings.Contains(f.Reason.ZH, "传感器失灵") {
			t.Errorf("steps of %g %%: the reason does not say why: %s %s", step, f.Reason.EN, f.Reason.ZH)
		}
	}
	// Once it moves again, it is believed again.
	_, _, middle, _ := limitOf(t, gauged(740, 1, func(i int, wear float64) float64 {
		if i < 700 {
			return min(wear, 0.51)
		}
		return wear
	}))
	if middle < -30 || middle > 30 {
		t.Errorf("of a gauge that shows the wear again: limit %.0f days after the pads are worn out", middle)
	}
	// New pads have a new sensor.
	in := gauged(900, 1, func(i int, wear float64) float64 {
		if i < 740 {
			return min(wear, 0.51)
		}
		return wear - 740/wornOutOn
	})
	in.Services = []predict.Service{{Component: predict.BrakePadsFront, Time: day(740), OdometerKm: 10_000 + 740*40}}
	if f, _, _, _ := limitOf(t, in); f.Readings < 15 || strings.Contains(f.Reason.EN, "stopped") {
		t.Errorf("of new pads %d readings count: %s", f.Readings, f.Reason.EN)
	}
}

// A part that wears more slowly than before, or stands because the vehicle does, has a sensor that is right.
func TestASensorThatMovesSlowlyIsBelieved(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]predict.Input{
		"a third of the wear": gauged(740, 1, func(i int, wear float64) float64 { return min(wear, 0.4+(wear-0.4)/3) }),
		"at the end":          gauged(900, 1, func(_ int, wear float64) float64 { return wear }),
	} {
		if f, _, _, _ := limitOf(t, in); f.Readings < 60 || strings.Contains(f.Reason.EN, "stopped") {
			t.Errorf("%s: %d readings count: %s", name, f.Readings, f.Reason.EN)
		}
	}
	in := gauged(400, 1, func(_ int, wear float64) float64 { return wear })
	in.Now = day(1100) // laid up since, and looked at now and then
	for on := 430; on < 1100; on += 30 {
		r, _ := predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(on)}, 53)
		in.Readings = append(in.Readings, r)
	}
	in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(1099)), OdometerKm: 10_000 + 400*40})
	if f, _, _, _ := limitOf(t, in); strings.Contains(f.Reason.EN, "stopped") || f.Wear.P50 > 0.6 {
		t.Errorf("laid up: wear %.2f: %s", f.Wear.P50, f.Reason.EN)
	}
}

// What one person finds may be a mistake, and what two find on different days is none.
func TestTwoWhoLookedKnowBetterThanASensor(t *testing.T) {
	t.Parallel()
	half := func(_ int, wear float64) float64 { return wear / 2 }
	in := measured(gauged(746, 1, half), 700, 3.6)
	if f, _, _, _ := limitOf(t, in); f.Wear.P50 > 0.6 {
		t.Errorf("one who looked: wear %.2f", f.Wear.P50)
	}
	if f, _, _, _ := limitOf(t, measured(in, 700, 3.5)); f.Wear.P50 > 0.6 {
		t.Errorf("one who looked twice: wear %.2f", f.Wear.P50)
	}
	f, early, middle, late := limitOf(t, measured(in, 740, 3.1))
	if early > 0 || late < 0 || middle > 30 || f.Wear.P50 < 0.9 || !strings.Contains(f.Reason.EN, "Twice") || !strings.Contains(f.Reason.ZH, "两次") {
		t.Errorf("two who looked: wear %.2f, limit %.0f, %.0f, %.0f days after the pads are worn out: %s", f.Wear.P50, early, middle, late, f.Reason.EN)
	}
	contact, _ := predict.Standard().PadContact(predict.BrakePadsFront, predict.At{Time: day(745)})
	in.Readings = append(in.Readings, contact)
	if f, _, _, _ := limitOf(t, in); f.Wear.P50 < 0.9 {
		t.Errorf("one who looked, and the contact: wear %.2f", f.Wear.P50)
	}
	// One in between who agrees with the sensor leaves them in doubt.
	if f, _, _, _ := limitOf(t, measured(measured(measured(gauged(746, 1, half), 600, 4), 650, 12-9*0.43), 740, 3.1)); f.Wear.P50 > 0.6 {
		t.Errorf("two against one and the sensor: wear %.2f", f.Wear.P50)
	}
}

// One look at each of two parts is one look, whatever was looked at before and of which component is asked first.
func TestTwoLooksAreOfOnePart(t *testing.T) {
	t.Parallel()
	half := func(_ int, wear float64) float64 { return math.Mod(wear, 0.96) / 2 }
	in := gauged(1420, 1, half)
	in.Services = []predict.Service{{Component: predict.BrakePadsFront, Time: day(720), OdometerKm: 10_000 + 720*40}}
	in = measured(measured(in, 690, 3.7), 1380, 4)
	if f, _, _, _ := limitOf(t, in); f.Readings < 80 {
		t.Errorf("one look at each part: %d readings count: %s", f.Readings, f.Reason.EN)
	}
	in = measured(gauged(746, 1, func(_ int, wear float64) float64 { return wear / 2 }), 700, 3.6)
	for _, r := range in.Readings {
		if r.Component, r.OdometerKm = predict.BrakePadsRear, 0; r.Source != predict.FromWorkshop {
			in.Readings = append(in.Readings, r)
		}
	}
	rear, _ := predict.Standard().PadThickness(predict.BrakePadsRear, predict.At{Time: day(740)}, 3.1)
	in.Readings = append(in.Readings, rear)
	alone, _ := predict.ForecastOf(in, predict.BrakePadsRear)
	for _, f := range predict.Forecasts(in) {
		if f.Component == predict.BrakePadsRear && (f.Readings != alone.Readings || f.Reason != alone.Reason) {
			t.Errorf("%s, and when asked alone: %s", f.Reason.EN, alone.Reason.EN)
		}
	}
	if alone.Readings < 80 {
		t.Errorf("one look at each axle: %d readings count", alone.Readings)
	}
}

// New pads end the disbelief, also where nobody has recorded them.
func TestNewPadsWithoutARecordHaveASensor(t *testing.T) {
	t.Parallel()
	in := gauged(1100, 1, func(i int, wear float64) float64 {
		if i < 750 {
			return wear / 2
		}
		return wear - 1
	})
	f, _, _, _ := limitOf(t, measured(measured(in, 700, 3.6), 740, 3.1))
	if f.Wear.P50 > 0.6 || f.Readings < 30 || !strings.HasPrefix(f.Cycle, "seen-") {
		t.Errorf("%s, wear %.2f by %d readings: %s", f.Cycle, f.Wear.P50, f.Readings, f.Reason.EN)
	}
}

// The sentence names the sensor, not who knows better, and says when it has come right.
func TestTheReasonNamesTheSensor(t *testing.T) {
	t.Parallel()
	half := func(_ int, wear float64) float64 { return wear / 2 }
	f, _, _, _ := limitOf(t, measured(measured(gauged(746, 1, half), 700, 3.6), 740, 3.1))
	if !strings.Contains(f.Reason.EN, "its sensor (pad wear sensor) shows") || !strings.Contains(f.Reason.ZH, "传感器（制动片磨损传感器）示值") {
		t.Errorf("%s %s", f.Reason.EN, f.Reason.ZH)
	}
	f, _, _, _ = limitOf(t, gauged(710, 1, func(i int, wear float64) float64 {
		if i < 650 {
			return min(wear, 0.51)
		}
		return wear
	}))
	if !strings.Contains(f.Reason.EN, "stood at") || strings.Contains(f.Reason.EN, "looked at") || strings.Contains(f.Reason.ZH, "请检查") {
		t.Errorf("of a sensor that moves again: %s %s", f.Reason.EN, f.Reason.ZH)
	}
}

// Lights that were left on say nothing of the battery's wear, nor of its sensor.
func TestRestVoltagesContradictNoSensor(t *testing.T) {
	t.Parallel()
	in := predict.Input{Powertrain: vehicle.Petrol, InService: day(-10), Days: drive(700, func(int) float64 { return 40 }), Now: day(700)}
	for i := 0; i < 700; i += 7 {
		r, _ := predict.Standard().Cranking(predict.At{Time: day(i)}, 10, 10.3-float64(i)/2000)
		in.Readings = append(in.Readings, r)
	}
	for _, on := range []int{600, 604} {
		r, _ := predict.Standard().Measured(predict.Battery12V, predict.At{Time: day(on)}, 11.8, "V")
		in.Readings = append(in.Readings, r)
	}
	if f, _ := predict.ForecastOf(in, predict.Battery12V); f.Readings < 100 || f.Wear.P50 > 1 || strings.Contains(f.Reason.EN, "looked at") {
		t.Errorf("wear %.2f by %d readings: %s", f.Wear.P50, f.Readings, f.Reason.EN)
	}
	in.Readings = nil // and one that is slow has not stopped
	for i := 0; i < 700; i += 7 {
		r, _ := predict.Standard().Cranking(predict.At{Time: day(i)}, 10, 10.3-0.0004*float64(i))
		in.Readings = append(in.Readings, r)
	}
	if f, _ := predict.ForecastOf(in, predict.Battery12V); strings.Contains(f.Reason.EN, "stopped") {
		t.Errorf("of a sensor that falls evenly: %s", f.Reason.EN)
	}
}

// A sensor that has stopped may scatter, a vehicle that stands does not wear its pads, and persons who find what the
// sensor shows are right with it.
func TestWhatHasStopped(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 9))
		in := gauged(740, 1, func(int, float64) float64 { return 0 })
		in.Readings = nil
		for i := 0; i < 740; i += 7 {
			r, _ := predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(i)}, 100*min(float64(i)/wornOutOn, 0.51)+random.NormFloat64())
			in.Readings = append(in.Readings, r)
		}
		if f, _, middle, _ := limitOf(t, in); middle > 90 || !strings.Contains(f.Reason.EN, "taken to have stopped") {
			t.Errorf("%d, scattering by 1 %%: limit %.0f days after the pads are worn out: %s", seed, middle, f.Reason.EN)
		}
	}
	in := gauged(400, 1, func(_ int, wear float64) float64 { return wear })
	in.Now = day(800) // nothing tells that it stands
	for on := 430; on < 800; on += 30 {
		r, _ := predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(on)}, 53)
		in.Readings = append(in.Readings, r)
	}
	if f, _, _, _ := limitOf(t, in); strings.Contains(f.Reason.EN, "stopped") || f.Wear.P50 > 0.7 {
		t.Errorf("laid up: wear %.2f: %s", f.Wear.P50, f.Reason.EN)
	}
	in = gauged(740, 1, func(_ int, wear float64) float64 { return min(wear, 0.51) })
	for _, on := range []int{450, 520, 585, 640, 700} {
		in = measured(in, on, 12-9*0.52)
	}
	if f, _, _, _ := limitOf(t, in); strings.Contains(f.Reason.EN, "stopped") || f.Wear.P50 > 0.6 {
		t.Errorf("five who looked: wear %.2f: %s", f.Wear.P50, f.Reason.EN)
	}
}
