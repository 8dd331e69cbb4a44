package console_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
)

var colour = regexp.MustCompile(`--([a-z-]+): #([0-9a-f]+);`)

// colours reads the custom properties of one scheme of the style sheet.
func colours(t *testing.T, css string) map[string][3]float64 {
	t.Helper()
	out := map[string][3]float64{}
	for _, m := range colour.FindAllStringSubmatch(css, -1) {
		hex := m[2]
		if len(hex) == 3 {
			hex = strings.Repeat(hex[:1], 2) + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:], 2)
		}
		var r, g, b uint8
		if _, err := fmt.Sscanf(hex[:6], "%02x%02x%02x", &r, &g, &b); err != nil {
			t.Fatalf("%s: %v", m[0], err)
		}
		if _, first := out[m[1]]; !first {
			out[m[1]] = [3]float64{float64(r), float64(g), float64(b)}
		}
	}
	return out
}

// luminance is relative luminance as WCAG 2.2 defines it.
func luminance(c [3]float64) float64 {
	var l [3]float64
	for i, v := range c {
		v /= 255
		if l[i] = v / 12.92; v > 0.04045 {
			l[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
}

func contrast(a, b [3]float64) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestColoursCanBeRead asks for the contrast of WCAG 2.2 AA: 4.5 for text, 3 for
// the edges of fields and the marks of charts.
func TestColoursCanBeRead(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("static/app.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(raw), "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("the style sheet has no dark scheme")
	}
	for scheme, css := range map[string]string{"light": light, "dark": dark} {
		c := colours(t, css)
		for _, pair := range []struct {
			front, back string
			least       float64
		}{
			{"ink", "bg", 4.5}, {"ink", "surface", 4.5}, {"ink", "sunk", 4.5}, {"muted", "bg", 4.5}, {"muted", "surface", 4.5}, {"muted", "sunk", 4.5},
			{"accent", "bg", 4.5}, {"accent", "surface", 4.5}, {"accent-ink", "accent", 4.5},
			{"stop", "stop-bg", 4.5}, {"stop", "surface", 4.5}, {"ink", "stop-bg", 4.5}, {"soon", "soon-bg", 4.5}, {"monitor", "monitor-bg", 4.5},
			{"good", "good-bg", 4.5}, {"quiet", "quiet-bg", 4.5}, {"edge", "surface", 3}, {"edge", "bg", 3},
		} {
			front, ok := c[pair.front]
			back, also := c[pair.back]
			if !ok || !also {
				t.Fatalf("%s: %s or %s is not a colour of the style sheet", scheme, pair.front, pair.back)
			}
			if got := contrast(front, back); got < pair.least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", scheme, pair.front, pair.back, got, pair.least)
			}
		}
	}
	if n := strings.Count(string(raw), "\n"); n > 500 {
		t.Errorf("the style sheet has %d lines", n)
	}
}
