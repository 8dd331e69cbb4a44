package console

import (
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// modelsView is how good the forecasts turned out, and the models behind them.
type modelsView struct {
	*pitcrewv1.ListModelsResponse
	Parts []accuracyOfPart
}

// accuracyOfPart is what became of the forecasts of one component.
type accuracyOfPart struct {
	All      *pitcrewv1.Accuracy
	Horizons []*pitcrewv1.Accuracy // the far one first
}

// modelsPage shows what can be known of the quality of forecasts. Deciding is left to
// those who run the server: it is theirs to roll a model back.
func (s *server) modelsPage(w http.ResponseWriter, r *http.Request, p *page) error {
	v := &modelsView{}
	group, ctx := errgroup.WithContext(r.Context())
	group.Go(func() (err error) {
		v.ListModelsResponse, err = s.models.ListModels(ctx, &pitcrewv1.ListModelsRequest{})
		return err
	})
	group.Go(func() error {
		answer, err := s.models.ListAccuracy(ctx, &pitcrewv1.ListAccuracyRequest{})
		v.Parts = accuracyByPart(answer.GetAccuracy())
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	p.Title, p.Nav = p.T("models.title"), "models"
	return s.show(w, r, p, modelsContent(p, v))
}

// accuracyByPart puts the horizons under their component.
func accuracyByPart(rows []*pitcrewv1.Accuracy) []accuracyOfPart {
	var out []accuracyOfPart
	for _, a := range rows {
		if a.GetHorizon() == 0 {
			out = append(out, accuracyOfPart{All: a})
			continue
		}
		if n := len(out); n > 0 && out[n-1].All.GetComponent() == a.GetComponent() {
			out[n-1].Horizons = append(out[n-1].Horizons, a)
		}
	}
	return out
}

// Off lists the parts whose coverage is not what it says.
func (v *modelsView) Off() (names []*pitcrewv1.Text) {
	for _, part := range v.Parts {
		if part.All.GetOff() {
			names = append(names, part.All.GetName())
		}
	}
	return names
}

// Shadow is the model that is being compared; nil when there is none.
func (v *modelsView) Shadow() *pitcrewv1.Model {
	for _, m := range v.GetModels() {
		if m.GetState() == "shadow" {
			return m
		}
	}
	return nil
}

// Active is the model in force; nil for general experience.
func (v *modelsView) Active() *pitcrewv1.Model {
	for _, m := range v.GetModels() {
		if m.GetState() == "active" {
			return m
		}
	}
	return nil
}

// enoughOutcomes is how many a coverage is judged on.
const enoughOutcomes = 30

// judged is the tone and the word for a coverage.
func judged(a *pitcrewv1.Accuracy) (tone, word string) {
	switch {
	case a.GetOff():
		return "soon", "off"
	case a.GetKnown() < enoughOutcomes:
		return "wait", "few"
	}
	return "good", "true"
}

// cellsOf are the counts of the cells, in order.
func cellsOf(a *pitcrewv1.Accuracy) []int {
	return []int{int(a.GetBelowP10()), int(a.GetBelowP50()), int(a.GetBelowP90()), int(a.GetAboveP90())}
}

// cellNames are the words of the cells, and the classes of their pieces.
var cellNames = []string{"below_p10", "below_p50", "below_p90", "above_p90"}

// piece is a part of a bar of width 100.
type piece struct {
	Class    string
	X, Width float64
}

// pieces makes a bar of counts: each as wide as its share.
func pieces(counts []int) []piece {
	total := 0
	for _, n := range counts {
		total += n
	}
	var out []piece
	x := 0.0
	for i, n := range counts {
		if n == 0 {
			continue
		}
		width := 100 * float64(n) / float64(total)
		out = append(out, piece{cellNames[i], x, width})
		x += width
	}
	return out
}

// CellsLabel says in words what a bar shows.
func (p *page) CellsLabel(a *pitcrewv1.Accuracy) string {
	var said []string
	for i, n := range cellsOf(a) {
		said = append(said, p.Word("cell", cellNames[i])+" "+strconv.Itoa(n))
	}
	return strings.Join(said, ", ")
}
