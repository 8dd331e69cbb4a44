// Small things that a page cannot do without a script. Everything works without
// it; only live refresh and charts need it.
"use strict";

// The reader's time zone, for times that are not facts of a vehicle.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes("pitcrew_zone=" + encodeURIComponent(zone))) {
  document.cookie = "pitcrew_zone=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; samesite=lax";
  const page = document.documentElement;
  if (document.cookie.includes("pitcrew_zone=") && page.dataset.zone !== zone && page.dataset.form !== "true") location.reload();
}

// Live refresh that fails says so; what is shown stays.
function lost(yes) {
  const note = document.getElementById("lost");
  if (note) note.hidden = !yes;
}
document.addEventListener("htmx:error", () => lost(true));
document.addEventListener("htmx:after:request", (e) => lost(e.detail.ctx.response.status >= 400));

// A form is sent once.
document.addEventListener("submit", (e) => {
  if (e.target.method !== "post" || e.defaultPrevented) return;
  if (e.target.dataset.sent) { e.preventDefault(); return; }
  e.target.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

// Filters act at once; without a script there is a button.
document.documentElement.classList.add("js");

// Charts: <figure data-chart="address of the points">.
async function draw(figure) {
  const answer = await fetch(figure.dataset.chart);
  if (!answer.ok) throw new Error(answer.statusText);
  const { times, values, unit } = await answer.json();
  const place = figure.querySelector("[data-plot]");
  if (times.length === 0) return;
  const css = (name) => getComputedStyle(figure).getPropertyValue(name).trim();
  const { zone, label, time } = figure.dataset;
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const axis = { stroke: css("--muted"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
  const size = () => ({ width: place.clientWidth, height: 190 });
  const plot = new uPlot({
    ...size(),
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    cursor: { y: false },
    series: [
      { label: time, value: (_, v) => (v == null ? "–" : clock.format(v * 1000)) },
      { label, stroke: css("--accent"), fill: css("--accent-soft"), width: 1.5, spanGaps: false,
        value: (_, v) => (v == null ? "–" : Math.round(v) + " " + unit) },
    ],
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((t) => clock.format(t * 1000)) },
      { ...axis, size: 46 },
    ],
  }, [times, values], place);
  new ResizeObserver(() => plot.setSize(size())).observe(place);
  figure.dataset.drawn = "true";
}
document.querySelectorAll("[data-chart]").forEach((figure) => {
  draw(figure).catch(() => { figure.querySelector("[data-failed]").hidden = false; });
});
