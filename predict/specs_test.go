package predict_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// The table is data; this is its lint, beside what every table must hold to.
func TestTable(t *testing.T) {
	t.Parallel()
	same, err := predict.Standard().With(predict.Standard().Specs()...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(predict.Standard().Specs(), same.Specs()); diff != "" {
		t.Errorf("rows that are put in their own place have changed:\n%s", diff)
	}
	names := map[string]predict.Component{}
	for _, s := range predict.Standard().Specs() {
		if !(s.RatePer1000Km > 0.001 && s.RatePer1000Km < 0.2) || !(s.RateCV > 0.1 && s.RateCV < 1) {
			t.Errorf("%s: prior out of range: rate %v, CV %v", s.Component, s.RatePer1000Km, s.RateCV)
		}
		if len(s.ResetBy) == 0 || s.ResetBy[0] != string(s.Component) {
			t.Errorf("%s: reset by %v, want its own id first", s.Component, s.ResetBy)
		}
		for _, n := range append(s.ResetBy, s.Job.Code) {
			if other, taken := names[n]; taken {
				t.Errorf("%s: %q is also of %s", s.Component, n, other)
			}
			names[n] = s.Component
		}
		if got, ok := predict.Standard().Of(s.Component); !ok || got.Job != s.Job {
			t.Errorf("%s: SpecOf: %v, %v", s.Component, got.Component, ok)
		}
	}
}

func TestComponentOf(t *testing.T) {
	t.Parallel()
	for item, want := range map[string]predict.Component{
		"engine_oil": predict.EngineOil, "Oil change": predict.EngineOil, " Front brake-pads ": predict.BrakePadsFront,
		"tires": predict.Tyres, "wash": "", "": "",
	} {
		if got, ok := predict.Standard().ComponentOf(item); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v, want %q", item, got, ok, want)
		}
	}
}

func TestReadings(t *testing.T) {
	t.Parallel()
	at := predict.At{Time: day(3), OdometerKm: 48213}
	type result struct {
		wear float64
		ok   bool
	}
	of := func(r predict.Reading, ok bool) result { return result{r.Wear, ok} }
	cases := map[string]struct {
		got  result
		want result
	}{
		"pad sensor, worst wheel": {of(predict.PadWear(predict.BrakePadsFront, at, 40, 55)), result{0.55, true}},
		"pad sensor, one broken":  {of(predict.PadWear(predict.BrakePadsRear, at, 255, 30)), result{0.3, true}},
		"pad sensor, none":        {of(predict.PadWear(predict.BrakePadsRear, at, math.NaN())), result{ok: false}},
		"pad sensor of an oil":    {of(predict.PadWear(predict.EngineOil, at, 30)), result{ok: false}},
		"lining at the limit":     {of(predict.Standard().PadThickness(predict.BrakePadsFront, at, 3, 5)), result{1, true}},
		"new tread":               {of(predict.Standard().TreadDepth(at, 8, 8, 8, 8)), result{0, true}},
		"legal tread":             {of(predict.Standard().TreadDepth(at, 6, 1.6)), result{1, true}},
		"tread, wheels alike":     {of(predict.Standard().TreadSensed(at, 3, []float64{4.6, 5}, []float64{6, 6.1})), result{0.5, true}},
		"tread, one sensor":       {of(predict.Standard().TreadSensed(at, 3, nil, []float64{4.8})), result{0.5, true}},
		"tread, worn on one side": {of(predict.Standard().TreadSensed(at, 3, []float64{3.6, 3.6 + 1.6}, nil)), result{(8 - 4.4 + 0.8 - math.Sqrt(2*(0.04+0.12/2.25))) / 6.4, true}},
		"tread, no sensor":        {of(predict.Standard().TreadSensed(at, 0, nil, []float64{math.NaN()})), result{ok: false}},
		"oil, half spent":         {of(predict.OilCondition(at, 3, 50)), result{0.5, true}},
		"oil, broken sensor":      {of(predict.OilCondition(at, 3, 255)), result{ok: false}},
		"pads, contact closed":    {of(predict.Standard().PadContact(predict.BrakePadsFront, at)), result{8.5 / 9, true}},
		"contact of tyres":        {of(predict.Standard().PadContact(predict.Tyres, at)), result{ok: false}},
		"state of health":         {of(predict.Standard().StateOfHealth(at, 85)), result{0.5, true}},
		"state of health, zero":   {of(predict.Standard().StateOfHealth(at, 0)), result{ok: false}},
		"cranking at 20 °C":       {of(predict.Standard().CrankVoltage(at, 9.6, 20)), result{1, true}},
		// A new battery loses 2.1 V to the starter at 20 °C, and at -18 °C twice the
		// current through a resistance 19 % higher takes 4.998 V.
		"cranking in frost, new":      {of(predict.Standard().CrankVoltage(at, 12.6-4.998, -18)), result{0, true}},
		"cranking in frost, at limit": {of(predict.Standard().CrankVoltage(at, 12.6-3.0*2*1.19, -18)), result{1, true}},
		"cranking, odd temperature":   {of(predict.Standard().CrankVoltage(at, 9.6, math.NaN())), result{1, true}},
		"rest voltage":                {of(predict.RestVoltage(at, 12.45)), result{0.5, true}},
		"rest voltage of a truck":     {of(predict.RestVoltage(at, 25)), result{ok: false}},
		"measured in mm":              {of(predict.Standard().Measured(predict.BrakePadsFront, at, 7.5, "mm")), result{0.5, true}},
		"measured in an unknown way":  {of(predict.Standard().Measured(predict.Tyres, at, 4, "in")), result{ok: false}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.got.ok != c.want.ok || c.want.ok && math.Abs(c.got.wear-c.want.wear) > 1e-9 {
				t.Errorf("got %+v, want %+v", c.got, c.want)
			}
		})
	}
	warm, _ := predict.Standard().CrankVoltage(at, 10, 20)
	odd, _ := predict.Standard().CrankVoltage(at, 10, math.NaN())
	if odd.Noise <= warm.Noise {
		t.Errorf("noise %v without a temperature, %v with", odd.Noise, warm.Noise)
	}
	// A contact sits where its maker put it, also where a workshop renews pads earlier.
	pads, _ := predict.Standard().Of(predict.BrakePadsFront)
	pads.Scale.Limit = 4
	early := predict.TableOf(pads)
	closed, _ := early.PadContact(predict.BrakePadsFront, at)
	lining, _ := early.PadThickness(predict.BrakePadsFront, at, 3.5)
	if closed.Wear != lining.Wear {
		t.Errorf("with a limit of 4 mm a closed contact is a wear of %v, want that of 3.5 mm, %v", closed.Wear, lining.Wear)
	}
}
