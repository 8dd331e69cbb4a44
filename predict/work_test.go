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

// drivenDays are days of 40 km at 15 °C, and what each was like.
func drivenDays(n int, like func(i int, d *predict.Day)) []predict.Day {
	out := make([]predict.Day, n)
	for i := range out {
		out[i] = predict.Day{Day: vehicle.Day(20_000 + i), OdometerKm: 10_000 + 40*float64(i+1), DistanceKm: 40, AirTempC: 15}
		like(i, &out[i])
	}
	return out
}

// runs is how far a clock runs over some of the days, in km of the odometer.
func runs(c predict.Clock, days []predict.Day, from, to int) float64 {
	at := predict.Worked(c, days)
	return at(10_000+40*float64(to)) - at(10_000+40*float64(from))
}

// Tyres that slip as usual wear by the km; who corners twice as hard, four times as much of
// what goes by that.
func TestTreadRunsBySlip(t *testing.T) {
	t.Parallel()
	slip := func(along, across float64) func(int, *predict.Day) {
		return func(_ int, d *predict.Day) {
			d.SlipAlong, d.SlipAcross = 0.5*along*d.DistanceKm, 0.6*across*d.DistanceKm
		}
	}
	for _, c := range []struct {
		what string
		like func(int, *predict.Day)
		want float64
	}{
		{"ordinary", slip(1, 1), 1},
		{"hard in bends", slip(1, 4), 1 + 0.6*3},
		{"hard on the straight", slip(4, 1), 1 + 0.25*3},
		{"bends alone told", slip(0, 4), 1 + 0.6*3},
		{"nothing told", slip(0, 0), 1},
		{"not to be believed", slip(1, 1e6), 1},
	} {
		if got := runs(predict.ByTread, drivenDays(400, c.like), 0, 400) / 16_000; math.Abs(got-c.want) > 0.05*c.want {
			t.Errorf("%s: a km counts for %.2f, want %.2f", c.what, got, c.want)
		}
	}
}

// Pads wear by the work of the brakes, and by the km on days that do not tell it: who brakes twice as
// hard needs new ones nearly twice as soon, and the words say why.
func TestPadsWearByBraking(t *testing.T) {
	t.Parallel()
	brakes := func(joules float64) func(int, *predict.Day) {
		return func(_ int, d *predict.Day) { d.BrakingWork = joules * d.DistanceKm } // per kg and km
	}
	for _, c := range []struct {
		what string
		like func(int, *predict.Day)
		want float64
	}{
		{"ordinary", brakes(80), 1},
		{"in the hills", brakes(240), 3},
		{"every other day told", func(i int, d *predict.Day) { brakes(160*float64(i%2))(i, d) }, 2},
		{"nothing told", brakes(0), 1},
		{"not to be believed", brakes(80e3), 1},
	} {
		if got := runs(predict.ByBraking, drivenDays(400, c.like), 0, 400) / 16_000; math.Abs(got-c.want) > 0.05*c.want {
			t.Errorf("%s: a km counts for %.2f, want %.2f", c.what, got, c.want)
		}
	}
	ahead := func(like func(int, *predict.Day)) (km float64, words string) {
		days := drivenDays(400, like)
		now := days[len(days)-1].Day.End()
		f := only(predict.Forecasts(predict.Input{
			VIN: "WVWZZZ1JZXW000001", Powertrain: vehicle.Petrol, InService: days[0].Day.Start(), Now: now, Days: days,
			Services: []predict.Service{{Component: predict.BrakePadsFront, Time: now.AddDate(0, 0, -1), OdometerKm: 26_000}},
		}), predict.BrakePadsFront)
		return f.LimitKm.P50 - 26_000, f.Reason.EN
	}
	usual, _ := ahead(brakes(80))
	hard, words := ahead(brakes(160))
	if ratio := usual / hard; ratio < 1.6 || ratio > 2.2 || // that the part before has lasted counts too
		!strings.Contains(words, "brakes") {
		t.Errorf("pads last %.0f km, and %.0f of who brakes twice as hard (%s)", usual, hard, words)
	}
}

// What is chance in few samples of a day is no change of habits; another driver is.
func TestSlipIsSteady(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	noise := func(mean float64) float64 { return mean * 0.6 * 40 * random.ExpFloat64() }
	same := drivenDays(600, func(_ int, d *predict.Day) { d.SlipAcross = noise(1) })
	other := drivenDays(600, func(i int, d *predict.Day) { d.SlipAcross = noise(map[bool]float64{false: 0.5, true: 3}[i >= 300]) })
	for from := 0; from < 600; from += 25 {
		if got := runs(predict.ByTread, same, from, from+25) / 1000; math.Abs(got-runs(predict.ByTread, same, 0, 600)/24_000) > 0.1 {
			t.Errorf("days %d to %d of one driver: a km counts for %.2f", from, from+25, got)
		}
	}
	if before, after := runs(predict.ByTread, other, 0, 280), runs(predict.ByTread, other, 320, 600); after < 1.8*before {
		t.Errorf("a hard driver's 280 days count for %.0f km, a calm one's for %.0f", after, before)
	}
}

// A start on a trip that stays cold counts for two; a car that does not tell its starts
// goes by km.
func TestStartsWearTheBattery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		starts, short int
		want          float64
	}{{4, 0, 36. / 40}, {8, 0, 72. / 40}, {8, 8, 144. / 40}, {0, 0, 1}} {
		days := drivenDays(400, func(_ int, d *predict.Day) { d.Starts, d.ShortRuns = c.starts, c.short })
		if got := runs(predict.ByStarts, days, 0, 400) / 16_000; math.Abs(got-c.want) > 0.08*c.want {
			t.Errorf("%d starts of which %d stay cold: a km counts for %.2f, want %.2f", c.starts, c.short, got, c.want)
		}
	}
}

// Energy charged fast counts for three and a half times that charged at home, also on the
// few days that it comes on.
func TestThroughputCountsFastCharging(t *testing.T) {
	t.Parallel()
	home := drivenDays(400, func(_ int, d *predict.Day) { d.DischargeKWh = 7.2 })
	fast := drivenDays(400, func(i int, d *predict.Day) {
		d.DischargeKWh = 7.2
		if i%6 == 0 {
			d.FastChargeKWh = 6 * 7.2
		}
	})
	if got := runs(predict.ByThroughput, home, 0, 396) / 15_840; math.Abs(got-1) > 0.02 {
		t.Errorf("charged at home a km counts for %.2f, want 1", got)
	}
	if got := runs(predict.ByThroughput, fast, 0, 396) / 15_840; math.Abs(got-3.5) > 0.15 {
		t.Errorf("charged fast a km counts for %.2f, want 3.5", got)
	}
}

// A traction battery ages by its own temperature, by the air where it does not tell that,
// and faster while it stands hot and full.
func TestAPackAgesByItsOwnHeat(t *testing.T) {
	t.Parallel()
	span := func(like func(i int, d *predict.Day)) float64 {
		age := predict.AgedPack(drivenDays(100, like))
		return (age(20_100) - age(20_000)) / 100
	}
	age := predict.AgedPack(drivenDays(16, func(_ int, d *predict.Day) { d.PackC = 20 }))
	if first, all := age(20_004)-age(20_000), age(20_016)-age(20_000); math.Abs(all/first-2) > 1e-9 {
		t.Errorf("four times as long counts for %.2f times as much, want 2", all/first)
	}
	cool := span(func(_ int, d *predict.Day) { d.PackC = 20 })
	for _, c := range []struct {
		what string
		like func(i int, d *predict.Day)
		want float64
	}{
		{"16 K warmer", func(_ int, d *predict.Day) { d.PackC = 36 }, 2},
		{"by the air, 32 K warmer", func(_ int, d *predict.Day) { d.AirTempC = 44 }, 2},
		{"16 K warmer and full", func(_ int, d *predict.Day) { d.PackC, d.HotHours = 36, 24 }, 3.6},
		{"every other day told", func(i int, d *predict.Day) { d.PackC = 28 * float64(i%2) }, math.Sqrt2},
	} {
		if got := span(c.like) / cool; math.Abs(got-c.want) > 0.03*c.want {
			t.Errorf("%s: a day counts for %.2f, want %.2f", c.what, got, c.want)
		}
	}
}

// A battery that is charged fast and parked hot will be in worse health than one of the same
// distance that is not, and the words say what they go by.
func TestTractionBatteryByUse(t *testing.T) {
	t.Parallel()
	health := func(like func(i int, d *predict.Day)) (predict.Quantiles, string) {
		days := drivenDays(500, like)
		now := days[len(days)-1].Day.End()
		o := predict.OutlookOf(predict.Input{
			VIN: "LSJE36096MS140495", Powertrain: vehicle.BatteryElectric, InService: days[0].Day.Start(), Now: now, Days: days,
		})
		q, ok := o.WearAt(predict.TractionBattery, now.AddDate(3, 0, 0))
		f, _ := o.Forecast(predict.TractionBattery)
		if !ok || !(q.P10 <= q.P50 && q.P50 <= q.P90) {
			t.Fatalf("health %+v, %v", q, ok)
		}
		return q, f.Reason.EN + f.Reason.ZH
	}
	plain, _ := health(func(int, *predict.Day) {})
	mild, _ := health(func(_ int, d *predict.Day) { d.DischargeKWh, d.PackC = 7.2, 20 })
	hard, words := health(func(_ int, d *predict.Day) { d.DischargeKWh, d.FastChargeKWh, d.PackC, d.HotHours = 7.2, 7.2, 31, 8 })
	if !(hard.P50 > 1.5*mild.P50) || !(math.Abs(plain.P50/mild.P50-1) < 0.25) {
		t.Errorf("wear in three years: %.3f hard, %.3f mild, %.3f by km", hard.P50, mild.P50, plain.P50)
	}
	for _, want := range []string{"energy through the battery", "电池吞吐电量"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q does not say %q", words, want)
		}
	}
}

// A day after a month without messages has the distance of all of it, and the work of one.
func TestAGapDoesNotStopTheClock(t *testing.T) {
	t.Parallel()
	for _, c := range []predict.Clock{predict.ByStarts, predict.ByThroughput, predict.ByTread} {
		days := drivenDays(400, func(i int, d *predict.Day) {
			d.Starts, d.DischargeKWh, d.SlipAcross, d.SlipAlong = 4, 7.2, 24, 20
		})
		days = slices.Delete(days, 200, 230)
		days[200].DistanceKm += 30 * 40
		if whole, gap := runs(c, days, 0, 400)/16_000, runs(c, days, 199, 232)/1320; math.Abs(gap/whole-1) > 0.03 {
			t.Errorf("by %s a km counts for %.2f over a gap, for %.2f over all", c, gap, whole)
		}
	}
}

// When telemetry begins to tell of work, half way through the life of a part, the vehicle is driven as before:
// no date moves for it.
func TestNoDateMovesWhenWorkBeginsToBeTold(t *testing.T) {
	t.Parallel()
	for _, brakes := range []float64{0.3, 2.5} { // of what is usual
		in := predict.Input{Powertrain: vehicle.Petrol, InService: day(-10), Days: drive(365, func(int) float64 { return 40 }), Now: day(365)}
		for i := 0; i < 365; i += 7 {
			r, _ := predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(i).Add(20 * time.Hour)}, float64(i)/4.5)
			in.Readings = append(in.Readings, r)
		}
		untold := in
		for i := range 30 {
			of := predict.Day{Day: vehicle.DayOf(day(365 + i)), OdometerKm: 10_000 + 40*float64(365+i+1), DistanceKm: 40, AirTempC: math.NaN()}
			untold.Days, untold.Now = append(untold.Days[:len(untold.Days):len(untold.Days)], of), day(365+i+1)
			of.BrakingWork = 40 * 80 * brakes
			in.Days, in.Now = append(in.Days[:len(in.Days):len(in.Days)], of), day(365+i+1)
			before, _ := predict.ForecastOf(untold, predict.BrakePadsFront)
			after, _ := predict.ForecastOf(in, predict.BrakePadsFront)
			if off := after.Limit.P50.Sub(before.Limit.P50).Hours() / 24; math.Abs(off) > 14 {
				t.Errorf("braking %g times as much as others, %d days after it is told: the limit has moved by %.0f days", brakes, i+1, off)
			}
		}
	}
}
