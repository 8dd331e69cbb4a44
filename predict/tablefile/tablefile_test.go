package tablefile_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/tablefile"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func read(t *testing.T, text string) *predict.Table {
	t.Helper()
	table, err := tablefile.Read("parts.yaml", []byte(text), predict.Standard())
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// What is printed is a file: taken in again, it changes nothing.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("testdata/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]*predict.Table{"standard": predict.Standard(), "example": read(t, string(example))} {
		var y, j bytes.Buffer
		if err := tablefile.WriteYAML(&y, table); err != nil {
			t.Fatal(err)
		}
		if err := tablefile.WriteJSON(&j, table); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{y.String(), j.String(), strings.ReplaceAll(j.String(), "\n ", "\n\t")} {
			if diff := cmp.Diff(table.Specs(), read(t, text).Specs()); diff != "" {
				t.Errorf("%s: (-written +read)\n%s\n%s", name, diff, text)
			}
		}
	}
}

func TestRowsOfAFile(t *testing.T) {
	t.Parallel()
	table := read(t, `components:
  - component: brake_pads_front # a model with thicker lining, and a shop that is careful
    gauge: {new: 14, limit: 4}
    limits: {amber: 0.7}
    prior: {forms: [linear, power 1.5]}
  - component: alternator_belt
    name: {en: Alternator belt, zh: 发电机皮带}
    powertrains: [petrol, diesel]
    plan: {km: 100000, months: 72}
    safety: breakdown
    reset_by: [Poly-V belt]
    job: {code: BLT-1, text: {en: Replace belt, zh: 更换皮带}, hours: {min: 0.3, max: 0.6}}
  - component: starter
    name: {en: Starter, zh: 起动机}
    life: {shape: 2, km: 250000}
    safety: breakdown
    job: {code: STR-1, text: {en: Replace starter, zh: 更换起动机}, hours: {min: 1, max: 2}}
`)
	pads, _ := table.Of(predict.BrakePadsFront)
	old, _ := predict.Standard().Of(predict.BrakePadsFront)
	want := old
	want.Scale.New, want.Scale.Limit, want.Amber, want.Forms = 14, 4, 0.7, []string{"linear", "power 1.5"}
	if diff := cmp.Diff(want, pads); diff != "" {
		t.Errorf("front pads: (-want +got)\n%s", diff)
	}
	belt, _ := table.Of("alternator_belt")
	if belt.RatePer1000Km != 0.8/90 || belt.Amber != 0.8 || belt.Red != 1 || belt.Shape != 1 || belt.On(vehicle.BatteryElectric) {
		t.Errorf("belt: %+v: want the prior of a plan of 90,000 km at 15,000 km a year", belt)
	}
	if c, ok := table.ComponentOf("poly v belt"); !ok || c != "alternator_belt" {
		t.Errorf("poly v belt is %q", c)
	}
	if starter, _ := table.Of("starter"); starter.RatePer1000Km < 0.004 || starter.RatePer1000Km > 0.007 {
		t.Errorf("starter: rate %v: want that of 250,000 km", starter.RatePer1000Km)
	}
}

// Every mistake is told with the file, the line, the component, the field, and what to do.
func TestMistakesAreTold(t *testing.T) {
	t.Parallel()
	const row = "components:\n  - component: clutch_disc\n    "
	cases := map[string]struct {
		text string
		want []string
	}{
		"empty":            {"", []string{"parts.yaml: the file is empty: want one group, components"}},
		"no list":          {"components: 3", []string{"parts.yaml: line 1: components: want a list of rows"}},
		"another group":    {"parts: []", []string{"parts.yaml: line 1: want one group, components"}},
		"no YAML":          {"components: [", []string{"parts.yaml: neither YAML nor JSON: line 1"}},
		"a row of nothing": {"components:\n  - 3", []string{"parts.yaml:2: want a row"}},
		"no id":            {"components:\n  - name: {en: x}", []string{"parts.yaml:2: component: want the id"}},
		"unknown field":    {row + "colour: red", []string{"parts.yaml:3: component clutch_disc: colour: there is no such field: want component, name, powertrains"}},
		"unknown below":    {row + "plan: {miles: 3}", []string{"parts.yaml:3: component clutch_disc: plan.miles: there is no such field: want km, months"}},
		"not a number":     {row + "plan:\n      km: much", []string{`parts.yaml:4: component clutch_disc: plan.km: "much": want a number`}},
		"not a group":      {row + "plan: 3", []string{"parts.yaml:3: component clutch_disc: plan: want a group of fields: km, months"}},
		"a group instead":  {row + "safety: {a: b}", []string{"parts.yaml:3: component clutch_disc: safety: is a group of fields: want a text"}},
		"not a list":       {row + "renews: coolant", []string{`parts.yaml:3: component clutch_disc: renews: "coolant": want a list`}},
		"half a month":     {row + "plan: {months: 2.5}", []string{`plan.months: "2.5": want a whole number`}},
		"maybe":            {row + "optional: perhaps", []string{`optional: "perhaps": want true or false`}},
		"nothing":          {row + "plan: {km: }", []string{"plan.km: is empty: want a number"}},
		"the same twice":   {row + "safety: comfort\n    safety: damage", []string{"parts.yaml:4: component clutch_disc: safety: is there twice"}},
		"a row twice":      {"components:\n  - component: tyres\n  - component: tyres", []string{"parts.yaml:3: component tyres: component: is there twice"}},
		"rate and life":    {row + "life: {shape: 2, km: 1e5}\n    prior: {rate_per_1000_km: 0.1}", []string{"parts.yaml:4: component clutch_disc: prior.rate_per_1000_km: is beside life"}},
		"all that is missing": {row + "name: {en: Clutch}", []string{
			"parts.yaml:3: component clutch_disc: name.zh: want it in Chinese", "parts.yaml:2: component clutch_disc: safety: ",
			"parts.yaml:2: component clutch_disc: prior.rate_per_1000_km: ", "parts.yaml:2: component clutch_disc: job.hours: ",
		}},
		"of the table": {"components:\n  - component: tyres\n    gauge:\n      limit: 8", []string{"parts.yaml:3: component tyres: gauge: new 8, limit 8: want the two values"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tablefile.Read("parts.yaml", []byte(c.text), predict.Standard())
			if err == nil {
				t.Fatal("it was taken")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant %s", err, want)
				}
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	example, err := os.ReadFile("testdata/example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	f.Add("components:\n  - &a {component: *a}")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := tablefile.Read("parts.yaml", []byte(text), predict.Standard())
		if (table == nil) == (err == nil) {
			t.Errorf("table %v, error %v", table, err)
		}
	})
}
