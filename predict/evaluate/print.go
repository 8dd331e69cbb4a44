package evaluate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// Print writes the rows as a table for people. Figures outside must are marked.
func Print(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "task\tfigure\tn\tpitcrew\t90 % interval\tbaselines\tmust\taim\t")
	set := ""
	for _, r := range rows {
		if r.Set != set {
			set = r.Set
			fmt.Fprintf(t, "%s\t\t\t\t\t\t\t\t\n", set)
		}
		mark := string(r.Verdict())
		if r.Verdict() == Missed {
			mark = "MISS"
		}
		fmt.Fprintf(t, "  %s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Task, r.figure(), r.Units, digits(r.Ours), r.sure(), r.baselines(), r.Must, r.Aim, mark)
	}
	return t.Flush()
}

func (r Row) figure() string {
	if r.Unit == "" {
		return r.Metric
	}
	return r.Metric + ", " + r.Unit
}

func (r Row) sure() string {
	if math.IsNaN(r.Sure.Low) || r.Sure.Low == r.Sure.High {
		return ""
	}
	return digits(r.Sure.Low) + " to " + digits(r.Sure.High)
}

func (r Row) baselines() string {
	var parts []string
	for _, b := range r.Baselines {
		parts = append(parts, b.Name+" "+digits(b.Value))
	}
	return strings.Join(parts, ", ")
}

// String writes the bound as one reads it: "<= 14", "0.76 to 0.84", or nothing.
func (b Bound) String() string {
	switch {
	case b.IsZero():
		return ""
	case math.IsInf(b.Low, -1):
		return "<= " + digits(b.High)
	case math.IsInf(b.High, 1):
		return ">= " + digits(b.Low)
	}
	return digits(b.Low) + " to " + digits(b.High)
}

// digits writes a figure with three significant digits, whole ones as they are.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "-"
	case a >= 100000:
		return fmt.Sprintf("%.3g", v)
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	case a >= 1:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.3f", v)
	}
}

// jsonRow is a Row for machines; what is not a number is null.
type jsonRow struct {
	Set       string              `json:"set"`
	Task      string              `json:"task"`
	Metric    string              `json:"metric"`
	Unit      string              `json:"unit,omitempty"`
	Units     int                 `json:"units"`
	Value     *float64            `json:"value"`
	Low       *float64            `json:"low90"`
	High      *float64            `json:"high90"`
	Baselines map[string]*float64 `json:"baselines,omitempty"`
	Must      *[2]*float64        `json:"must,omitempty"` // [low, high], null: open
	Aim       *[2]*float64        `json:"aim,omitempty"`
	Verdict   string              `json:"verdict,omitempty"`
}

// PrintJSON writes one JSON object a row.
func PrintJSON(w io.Writer, rows []Row) error {
	out := json.NewEncoder(w)
	for _, r := range rows {
		j := jsonRow{
			Set: r.Set, Task: r.Task, Metric: r.Metric, Unit: r.Unit, Units: r.Units,
			Value: number(r.Ours), Low: number(r.Sure.Low), High: number(r.Sure.High),
			Must: r.Must.json(), Aim: r.Aim.json(), Verdict: string(r.Verdict()),
		}
		for _, b := range r.Baselines {
			if j.Baselines == nil {
				j.Baselines = map[string]*float64{}
			}
			j.Baselines[b.Name] = number(b.Value)
		}
		if err := out.Encode(j); err != nil {
			return err
		}
	}
	return nil
}

func (b Bound) json() *[2]*float64 {
	if b.IsZero() {
		return nil
	}
	return &[2]*float64{number(b.Low), number(b.High)}
}

// number is nil for what JSON cannot say.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
