package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const (
	english = "en-GB,en;q=0.8"
	chinese = "zh-CN,zh;q=0.9,en;q=0.5"
)

// pages are all that a reader can open.
var pages = []string{
	"/", "/?q=nobody", "/?powertrain=petrol&drivability=soon", "/vehicles/" + carVIN, "/vehicles/" + carVIN + "?day=2026-11-20",
	"/vehicles/ZZZ0000000000NEW1",
	"/vehicles/" + carVIN + "/odometer", "/vehicles/ZZZ0000000000NEW1/odometer", "/orders", "/orders?state=finished", "/orders/o1", "/orders/o3", "/orders/o4", "/orders/o5", "/orders/o6", "/orders/o7",
	"/reminders", "/reminders?state=done", "/reminders?vin=" + carVIN, "/models", "/quarantine", "/no/such/page",
}

func TestEveryPageInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, path := range pages {
		for _, want := range []struct{ accept, lang string }{{english, "en"}, {chinese, "zh-Hans"}, {"fr", "en"}} {
			t.Run(want.lang+path, func(t *testing.T) {
				t.Parallel()
				got := setup(t).get(want.accept, path)
				status := http.StatusOK
				if strings.HasPrefix(path, "/no/") {
					status = http.StatusNotFound
				}
				if got.StatusCode != status {
					t.Errorf("%s answered %d, want %d", path, got.StatusCode, status)
				}
				root := got.find("html", nil)[0]
				if attr(root, "lang") != want.lang {
					t.Errorf("the page is in %q, want %q", attr(root, "lang"), want.lang)
				}
				got.soundlyBuilt()
			})
		}
	}
}

// soundlyBuilt checks what holds for every page: landmarks, one heading, unique
// ids, labelled fields, and nothing that the content policy would block.
func (a answer) soundlyBuilt() {
	a.t.Helper()
	for _, landmark := range []string{"main", "h1", "header"} {
		if n := len(a.find(landmark, nil)); n < 1 || landmark != "header" && n != 1 {
			a.t.Errorf("the page has %d %s", n, landmark)
		}
	}
	seen := map[string]bool{}
	for n := range a.root.Descendants() {
		if id := attr(n, "id"); id != "" && seen[id] {
			a.t.Errorf("the id %q is there twice", id)
		} else {
			seen[id] = true
		}
		if attr(n, "style") != "" || n.Data == "style" || n.Data == "script" && attr(n, "src") == "" {
			a.t.Errorf("the content policy blocks this: %s %v", n.Data, n.Attr)
		}
		for _, at := range n.Attr {
			if strings.HasPrefix(at.Key, "on") {
				a.t.Errorf("the content policy blocks %s", at.Key)
			}
		}
		if (n.Data == "input" && attr(n, "type") != "hidden" || n.Data == "select" || n.Data == "textarea") && !labelled(n) {
			a.t.Errorf("the field %q has no label", attr(n, "name"))
		}
	}
}

func labelled(n *html.Node) bool {
	for p := range n.Ancestors() {
		if p.Data == "label" {
			return true
		}
	}
	return false
}

// latin finds words in Latin letters.
var latin = regexp.MustCompile(`[A-Za-z]{3,}`)

// names are the Latin words that a Chinese page may have: names of people,
// cars, places and products, identifiers and units.
var names = strings.Fields(`pitcrew Pudong Minhang Berlin Volkswagen Passat BYD Han VIN Toyota Etios Golf
	LSVAA MBJB WVWZZZ ZZZ NEW lilei example org Asia Shanghai Kolkata Europe UTC CNY rpm engine paths expert
	advisor telemetry samples signals boot time Vehicle Speed fast openapi`)

func TestChinesePagesHaveNoEnglish(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, path := range pages {
		text := b.get(chinese, path).text()
		for _, word := range latin.FindAllString(text, -1) {
			if !known(word) {
				at := strings.Index(text, word)
				t.Errorf("%s says %q in a Chinese page: …%s…", path, word, text[max(0, at-40):min(len(text), at+60)])
			}
		}
	}
}

func known(word string) bool {
	for _, name := range names {
		if word == name {
			return true
		}
	}
	return false
}

func TestPageIsNotFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, wanted := range map[string]string{
		"/nowhere":                    "There is no such page.",
		"/vehicles/LSVAA4182E2000000": "No vehicle has this VIN.",
		"/orders/none":                "There is no such order.",
		"/static/":                    "",
		"/static/../console.go":       "",
	} {
		got := b.get(english, path)
		if got.StatusCode != http.StatusNotFound && got.StatusCode != http.StatusMovedPermanently && got.StatusCode != http.StatusTemporaryRedirect {
			t.Errorf("%s answered %d, want 404", path, got.StatusCode)
		}
		got.sees(wanted)
	}
	b.get(chinese, "/orders/none").sees("未找到", "请检查地址")
}
