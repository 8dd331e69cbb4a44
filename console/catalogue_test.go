package console_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// texts reads a catalogue: each text with its plural forms.
func texts(t *testing.T, name string) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("locales", name))
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]any
	if err := json.Unmarshal(raw, &entries); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for id, entry := range entries {
		switch v := entry.(type) {
		case string:
			out[id] = []string{v}
		case map[string]any:
			for _, form := range v {
				out[id] = append(out[id], form.(string))
			}
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`\{\{\.\w+\}\}`)

func TestCataloguesAgree(t *testing.T) {
	t.Parallel()
	en, zh := texts(t, "en.json"), texts(t, "zh-Hans.json")
	for id, forms := range en {
		other, ok := zh[id]
		if !ok {
			t.Errorf("%q is not in the Chinese catalogue", id)
			continue
		}
		wanted := placeholder.FindAllString(forms[0], -1)
		slices.Sort(wanted)
		for _, text := range slices.Concat(forms, other) {
			got := placeholder.FindAllString(text, -1)
			slices.Sort(got)
			if strings.TrimSpace(text) == "" && id != "time.join" || !slices.Equal(got, wanted) {
				t.Errorf("%q: %q has the placeholders %v, want %v", id, text, got, wanted)
			}
		}
	}
	for id := range zh {
		if _, ok := en[id]; !ok {
			t.Errorf("%q is not in the English catalogue", id)
		}
	}
}

var (
	used     = regexp.MustCompile(`\.(?:T|N)\("([a-z0-9_.]+)"[,)]`)
	usedKind = regexp.MustCompile(`Word\("([a-z_.]+)", "([a-z_]+)"\)`)
)

func TestEveryTextThatIsUsedExists(t *testing.T) {
	t.Parallel()
	en := texts(t, "en.json")
	files, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	code, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range slices.Concat(files, code) {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		ids := used.FindAllStringSubmatch(string(source), -1)
		for _, m := range usedKind.FindAllStringSubmatch(string(source), -1) {
			ids = append(ids, []string{"", m[1] + "." + m[2]})
		}
		for _, m := range ids {
			found++
			if _, ok := en[m[1]]; !ok {
				t.Errorf("%s uses %q, which no catalogue has", name, m[1])
			}
		}
	}
	if found < 150 {
		t.Errorf("only %d uses were found: does the test still read the pages?", found)
	}
}

// TestEveryWordOfTheDomainIsTranslated asks for the words that the API can answer.
func TestEveryWordOfTheDomainIsTranslated(t *testing.T) {
	t.Parallel()
	en := texts(t, "en.json")
	words := map[string][]string{
		"powertrain": {string(vehicle.Petrol), string(vehicle.Diesel), string(vehicle.Hybrid), string(vehicle.BatteryElectric)},
		"vin_check":  {string(vehicle.CheckDigitOK), string(vehicle.CheckDigitMismatch), string(vehicle.CheckDigitNotRequired)},
		"priority":   {string(workorders.Emergency), string(workorders.Urgent), string(workorders.Routine)},
		"outcome":    {string(workorders.OutcomeFixed), string(workorders.OutcomeNotFound), string(workorders.OutcomeDeferred)},
		"severity":   {string(reminders.SeverityStop), string(reminders.SeveritySoon), string(reminders.SeverityRoutine)},
		"made_by":    {string(workorders.ByMachine), string(workorders.ByAdvisor)},
		"code":       {string(vehicle.CodePending), string(vehicle.CodeConfirmed), string(vehicle.CodePermanent), string(diagnosis.CodeGone)},
		"eraser":     {string(diagnosis.ByTool), string(diagnosis.ByWorkshop), string(diagnosis.ByItself)},
		"dismiss": {
			string(workorders.FalsePositive), string(workorders.AlreadyDone), string(workorders.OwnerDeclined),
			string(workorders.Duplicate), string(workorders.VehicleSold), string(workorders.OtherReason),
		},
	}
	for _, k := range []vehicle.OdometerKind{
		vehicle.OdometerFirst, vehicle.OdometerSpike, vehicle.OdometerTypo, vehicle.OdometerUnitMix, vehicle.OdometerWrap, vehicle.OdometerRollback,
		vehicle.OdometerSwap, vehicle.OdometerNotDistance, vehicle.OdometerDuplicate, vehicle.OdometerVoided, vehicle.OdometerCorrection,
	} {
		words["reading"] = append(words["reading"], strings.ReplaceAll(string(k), " ", "_"))
	}
	for _, m := range vehicle.Monitors() {
		words["monitor"] = append(words["monitor"], string(m))
	}
	for _, s := range []vehicle.OdometerSource{vehicle.OdometerTelemetry, vehicle.OdometerWorkOrder, vehicle.OdometerRecord, vehicle.OdometerFuelCard, vehicle.OdometerPerson} {
		words["read_by"] = append(words["read_by"], strings.ReplaceAll(string(s), " ", "_"))
	}
	for _, v := range []vehicle.OdometerVerdict{vehicle.AcceptReading, vehicle.VoidReading, vehicle.CorrectReading, vehicle.WithdrawDecision} {
		words["verdict"], words["decide"] = append(words["verdict"], string(v)), append(words["decide"], string(v))
	}
	for _, s := range workorders.States() {
		words["state"] = append(words["state"], string(s))
	}
	for _, tr := range workorders.Transitions() {
		words["event"] = append(words["event"], string(tr.Action))
	}
	for _, s := range workorders.States() {
		for _, a := range workorders.Allowed(s) {
			words["action"] = append(words["action"], string(a))
		}
	}
	for _, s := range reminders.States() {
		words["reminder"] = append(words["reminder"], string(s))
	}
	for kind, all := range words {
		for _, word := range all {
			if _, ok := en[kind+"."+word]; !ok {
				t.Errorf("no catalogue has %s.%s", kind, word)
			}
		}
	}
}
