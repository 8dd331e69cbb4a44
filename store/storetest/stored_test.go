package storetest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

var update = flag.Bool("update", false, "write testdata/stored anew; old databases must still be readable then")

// TestStoredFormStaysReadable reads nested values as databases hold them. A
// field that was renamed or removed since fails: it needs a migration.
func TestStoredFormStaysReadable(t *testing.T) {
	t.Parallel()
	stored[lang.Text](t, "text")
	stored[[]workorders.Line](t, "order_lines")
	stored[[]workorders.Event](t, "order_events")
	stored[[]reminders.State](t, "reminder_notified")
	stored[[]history.Item](t, "record_items")
	stored[[]history.Measurement](t, "record_measurements")
	stored[[]history.Part](t, "record_parts")
	stored[diagnosis.CodeState](t, "code_state")
	stored[diagnosis.Finding](t, "finding")
	stored[predict.Forecast](t, "forecast")
	stored[predict.Prior](t, "prior")
	stored[models.Report](t, "model_report")
}

func stored[T any](t *testing.T, name string) {
	t.Helper()
	file := filepath.Join("testdata", "stored", name+".json")
	if *update {
		b, err := json.MarshalIndent(filled[T](), "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var v T
	if err := d.Decode(&v); err != nil {
		t.Errorf("%s: a value that is stored cannot be read any more: %v", name, err)
	}
}
