package console_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// browser is a page of a real browser on a console.
type browser struct {
	*testing.T
	ctx  context.Context
	base string
}

// browse opens a browser of a width. Its language is English.
func browse(t *testing.T, b *bench, width int64) *browser {
	t.Helper()
	path := testserver.Find(t, "chromium")
	server := httptest.NewServer(b.handler)
	t.Cleanup(server.Close)
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "en-GB"),
	)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, flags...)
	t.Cleanup(stop)
	ctx, closePage := chromedp.NewContext(ctx)
	t.Cleanup(closePage)
	p := &browser{T: t, ctx: ctx, base: server.URL}
	var options []chromedp.EmulateViewportOption
	if width < 600 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	p.do(chromedp.EmulateViewport(width, 844, options...))
	if _, err := chromedp.Call(ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Tokyo"}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		t.Fatal(err)
	}
	return p
}

// watch collects what goes wrong inside a page.
const watch = `window.wrong = [];
addEventListener("error", (e) => wrong.push(e.message || "not loaded: " + (e.target.src || e.target.href)), true);
addEventListener("unhandledrejection", (e) => wrong.push(String(e.reason)));
document.addEventListener("securitypolicyviolation", (e) => wrong.push(e.violatedDirective + " blocks " + e.blockedURI));`

func (p *browser) do(action chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.ctx, action); err != nil {
		p.Fatal(err)
	}
}

// open goes to a page, and checks that it fits.
func (p *browser) open(path string) {
	p.Helper()
	p.do(chromedp.Navigate(p.base + path))
	p.fits()
}

// follow clicks, and waits for the page that this leads to, which may come by
// way of a redirection.
func (p *browser) follow(selector string) {
	p.Helper()
	eval[bool](p, "window.left = true")
	p.do(chromedp.Click(chromedp.CSS(selector)))
	arrived := `window.left !== true && document.readyState === "complete"`
	for {
		there, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](arrived))
		if err == nil && there { // an error is a page that goes away under the question
			break
		}
		if p.ctx.Err() != nil {
			p.Fatalf("click %s: no page came: %v", selector, err)
		}
	}
	p.fits()
}

// eval runs an expression, which may be a promise.
func eval[T any](p *browser, script string) T {
	p.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.Fatalf("%s: %v", script, err)
	}
	return v
}

// becomes waits until a condition of the page holds.
func (p *browser) becomes(condition string) {
	p.Helper()
	eval[bool](p, fmt.Sprintf(`new Promise((done, fail) => {
		const started = Date.now();
		(function look() {
			if (%s) return done(true);
			if (Date.now() - started > 15000) return fail(new Error("never true"));
			setTimeout(look, 20);
		})();
	})`, condition))
}

// fits checks that the page needs no sideways scrolling, and that nothing in it
// went wrong.
func (p *browser) fits() {
	p.Helper()
	if wrong := eval[[]string](p, "window.wrong"); len(wrong) > 0 {
		p.Errorf("%s: %q", eval[string](p, "location.pathname"), wrong)
	}
	if size := eval[[]float64](p, "[document.documentElement.scrollWidth, innerWidth]"); size[0] > size[1] {
		wide := eval[[]string](p, "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.tagName + '.' + e.className).slice(0, 5)")
		p.Errorf("%s is %v px wide on a screen of %v: %v", eval[string](p, "location.pathname"), size[0], size[1], wide)
	}
}

func (p *browser) says(wanted string) {
	p.Helper()
	if text := eval[string](p, "document.body.innerText"); !strings.Contains(text, wanted) {
		p.Errorf("%s does not say %q; it says:\n%s", eval[string](p, "location.pathname"), wanted, text)
	}
}

// TestAdvisorTakesAnOrder drives the way from the fleet to an accepted order in
// a real browser, on a desk and on a phone.
func TestAdvisorTakesAnOrder(t *testing.T) {
	t.Parallel()
	for name, width := range map[string]int64{"desk": 1280, "phone": 390} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			p := browse(t, b, width)

			p.open("/")
			p.becomes(`document.documentElement.dataset.zone === "Asia/Tokyo"`) // told by the browser
			p.says("Pudong 07")
			p.do(chromedp.SendKeys(chromedp.CSS(`input[name=q]`), "berlin"))
			p.becomes(`document.querySelectorAll("#fleet tbody tr").length === 1 && location.search.includes("q=berlin")`)
			p.open("/")

			p.follow("#v-" + carVIN + " a")
			p.says("Front brake pads")
			if name == "phone" { // what cannot be undone comes after all else
				last := `[...document.querySelectorAll("main section[id]")].toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top).at(-1).id`
				if got := eval[string](p, last); got != "erase" {
					t.Errorf("the last section is %s, want erase", got)
				}
			}
			p.becomes(`document.querySelector("[data-chart]").dataset.drawn === "true" && document.querySelector(".uplot canvas").width > 0`)
			p.fits()
			p.do(chromedp.Click(chromedp.CSS("#f-f1 > summary")))
			p.becomes(`document.getElementById("f-f1").open`)
			eval[bool](p, `(htmx.trigger(document.getElementById("now"), "every"), true)`)
			p.becomes(`document.getElementById("f-f1").open`) // a refresh does not shut what was opened

			p.follow(`#orders a[href="/orders/o1"]`)
			p.says("Air leak after the mass air flow meter")
			p.follow(`form[action^="/orders/o1/accept"] button`)
			p.becomes(`location.pathname === "/orders/o1"`)
			p.says("Accepted")
			if got := b.api.data.orders[1].GetState(); got != "open" {
				t.Errorf("the order is %s, want open", got)
			}

			p.follow(`.languages button[value="zh-Hans"]`)
			p.says("已接受")
			p.says("空气流量计之后漏气")
			for _, path := range []string{"/", "/vehicles/" + carVIN, "/vehicles/" + carVIN + "/odometer", "/orders", "/orders/o5", "/reminders", "/quarantine", "/nowhere"} {
				p.open(path)
			}
		})
	}
}

// TestRefreshKeepsFocusAndPlace types into a field while the page refreshes, and
// then takes the server away.
func TestRefreshKeepsFocusAndPlace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := browse(t, b, 1280)
	p.open("/quarantine")
	p.do(chromedp.Click(chromedp.CSS("#qd-q2 > summary")))
	p.do(chromedp.SendKeys(chromedp.CSS("input[name=reason]"), "check"))
	p.becomes(`document.getElementById("qd-q2").open`)
	b.api.mu.Lock()
	b.api.data.refused = b.api.data.refused[1:]
	b.api.mu.Unlock()
	eval[bool](p, `(htmx.trigger(document.getElementById("quarantine"), "every"), true)`)
	p.becomes(`!document.getElementById("q-q1")`)
	if got := eval[string](p, `document.activeElement.name + "=" + document.activeElement.value`); got != "reason=check" {
		t.Errorf("the focus is on %q, want reason=check", got)
	}
	if !eval[bool](p, `document.getElementById("qd-q2").open`) {
		t.Error("the refresh shut what was opened")
	}
	b.api.fail("ListQuarantine", context.Canceled)
	eval[bool](p, `(htmx.trigger(document.getElementById("quarantine"), "every"), true)`)
	p.becomes(`!document.getElementById("lost").hidden`)
	p.says("the check byte")
}
