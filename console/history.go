package console

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// recordForm is a service record as it is typed in, kept when it is refused.
type recordForm struct {
	ID         string // one per form shown: sent twice, it is still one record
	Visited    string // as a date field has it
	Odometer   string
	Source     string
	Shop       string
	Components []string
	Outcome    string            // of what was renewed
	Put        map[string]string // what was put in, by component
	ToppedUp   []string
	Litres     map[string]string // by component
	Kept       []string          // nothing was done to them
	By         string            // of an answer: the time of the reading that shows the work
	Text       string
	Note       string
	Problem    *problem
}

var (
	recordSources  = []string{"workshop", "dealer", "owner"}
	recordOutcomes = []string{"failed", "replaced_early"}
)

// newRecordForm is an empty form, on the day it is in the vehicle's zone.
func newRecordForm(now time.Time, zone *time.Location) recordForm {
	return recordForm{ID: rand.Text(), Visited: now.In(zone).Format(time.DateOnly), Source: recordSources[0]}
}

func readRecordForm(r *http.Request) recordForm {
	f := recordForm{
		ID: r.PostFormValue("id"), Visited: r.PostFormValue("visited"), Odometer: strings.TrimSpace(r.PostFormValue("odometer")),
		Source: r.PostFormValue("source"), Shop: strings.TrimSpace(r.PostFormValue("shop")),
		Text: strings.TrimSpace(r.PostFormValue("text")), Note: strings.TrimSpace(r.PostFormValue("note")),
		Components: r.PostForm["component"], Outcome: r.PostFormValue("outcome"),
		ToppedUp: r.PostForm["topped_up"], Litres: map[string]string{}, Put: map[string]string{},
		Kept: r.PostForm["kept"], By: r.PostFormValue("by"),
	}
	for field, values := range r.PostForm {
		if c, ok := strings.CutPrefix(field, "part-"); ok && len(values) > 0 {
			f.Put[c] = strings.TrimSpace(values[0])
		}
	}
	for _, c := range f.ToppedUp {
		f.Litres[c] = strings.TrimSpace(r.PostFormValue("litres-" + c))
	}
	return f
}

// record turns the form into the message of the API, with those of the offered
// components that were ticked.
func (f recordForm) record(vin string, now time.Time, zone *time.Location, offered []string) (*pitcrewv1.ServiceRecord, error) {
	visited, err := time.ParseInLocation(time.DateOnly, f.Visited, zone)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "say on which day the work was done")
	}
	visited = visited.Add(12 * time.Hour)
	if by, err := time.Parse(time.RFC3339, f.By); err == nil && by.In(zone).Format(time.DateOnly) == f.Visited {
		visited = by.Add(-time.Minute) // it was done before a reading showed it
	}
	if len(f.Kept) > 0 || visited.After(now) && visited.Sub(now) < oneDay { // it is not evening yet
		visited = now
	}
	km, err := kmOf(f.Odometer)
	if err != nil {
		return nil, err
	}
	rec := &pitcrewv1.ServiceRecord{
		Vin: vin, Visited: timestamppb.New(visited), OdometerKm: km,
		Source: f.Source, SourceId: "console-" + f.ID, Shop: f.Shop, Note: f.Note,
	}
	if len(offered) == 0 { // the table could not be read: the API knows
		offered = f.Components
	}
	for _, c := range offered {
		if !slices.Contains(f.Components, c) {
			continue
		}
		rec.Items = append(rec.Items, &pitcrewv1.ServiceItem{Component: c, Outcome: f.Outcome, Part: f.Put[c]})
	}
	for c, part := range f.Put {
		if part != "" && !slices.Contains(f.Components, c) && !slices.Contains(f.ToppedUp, c) {
			return nil, invalid("items", "tick as renewed, or as topped up, what the product was filled into")
		}
	}
	for _, c := range f.ToppedUp {
		litres, err := litresOf("items", f.Litres[c])
		switch {
		case err != nil:
			return nil, err
		case slices.Contains(f.Components, c):
			return nil, invalid("items", "say of a fill that it was renewed or that it was topped up, not both")
		}
		rec.Items = append(rec.Items, &pitcrewv1.ServiceItem{Component: c, Outcome: toppedUp, Litres: litres, Part: f.Put[c]})
	}
	for _, c := range f.Kept {
		rec.Items = append(rec.Items, &pitcrewv1.ServiceItem{Component: c, Outcome: kept})
	}
	if f.Text != "" {
		rec.Items = append(rec.Items, &pitcrewv1.ServiceItem{Text: f.Text})
	}
	return rec, nil
}

// kmOf reads an odometer as people type it: "48,213", "48 213 km". Empty is 0:
// it was not read.
func kmOf(typed string) (float64, error) {
	digits := strings.NewReplacer(",", "", " ", "", "\u00a0", "", "\u202f", "", "km", "", "公里", "").Replace(strings.ToLower(typed))
	if digits == "" {
		return 0, nil
	}
	km, err := strconv.ParseFloat(digits, 64)
	if err != nil || !(km >= 0 && km < 1e7) {
		return 0, invalid("odometerKm", "the odometer reads a number of kilometres")
	}
	return km, nil
}

// toppedUp is the outcome of work that renews a part of a fill only, kept that of none.
const toppedUp, kept = "topped_up", "kept"

// litresOf reads how much was filled in, 0 when it is not said.
func litresOf(field, typed string) (float64, error) {
	if typed == "" {
		return 0, nil
	}
	litres, err := strconv.ParseFloat(strings.ReplaceAll(typed, ",", "."), 64)
	if err != nil || !(litres > 0 && litres <= 200) {
		return 0, invalid(field, "litres are a number, such as 0.5")
	}
	return litres, nil
}

func (s *server) addRecord(w http.ResponseWriter, r *http.Request, p *page) error {
	vin := r.PathValue("vin")
	v, err := s.vehicleNow(r.Context(), vin)
	if err != nil {
		return err
	}
	v.Form = readRecordForm(r)
	rec, err := v.Form.record(vin, p.Now, v.Zone, p.parts().on(v.GetPowertrain()))
	if err == nil {
		_, err = s.histories.AddHistory(r.Context(), &pitcrewv1.AddHistoryRequest{Vin: vin, Record: rec})
	}
	if err == nil {
		http.Redirect(w, r, "/vehicles/"+vin+"#history", http.StatusSeeOther)
		return nil
	}
	told := p.problemOf(err)
	v.Form.Problem = &told
	p.Title, p.Nav, p.Charts, p.FromForm, p.Here = titleOf(v.Vehicle), "fleet", true, true, "/vehicles/"+vin
	s.vehicleRest(r, p, v)
	return s.render(r.Context(), w, told.Status, layout(p, vehicleContent(p, v)))
}
