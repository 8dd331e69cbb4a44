package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestWatchSaysSinceWhenAPartDoesNotWork(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 7, 0, 0, 0, time.UTC)
	var fault error
	registry := prometheus.NewRegistry()
	w, err := newWatch(func(context.Context) map[string]error { return map[string]error{"store": fault, "mqtt": nil} },
		func() time.Time { return now }, registry)
	if err != nil {
		t.Fatal(err)
	}
	look := func(ctx context.Context, wantText string, wantSince time.Time) {
		t.Helper()
		now = now.Add(time.Minute)
		state := w.ready(ctx)
		if got := state["store"]; (got == nil) != (wantText == "") || got != nil && !strings.Contains(got.Error(), wantText) {
			t.Errorf("store: %v, want %q", got, wantText)
		}
		if state["mqtt"] != nil {
			t.Errorf("mqtt: %v", state["mqtt"])
		}
		want := 0.0
		if !wantSince.IsZero() {
			want = float64(wantSince.Unix())
		}
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		if got := families[0].GetMetric()[1]; got.GetLabel()[0].GetValue() != "store" || got.GetGauge().GetValue() != want {
			t.Errorf("metric says %v, want store %v", got, want)
		}
	}
	look(t.Context(), "", time.Time{})
	fault = errors.New("the disk is full")
	since := now.Add(time.Minute)
	text := "does not work since 2026-11-26T07:02:00Z: the disk is full"
	look(t.Context(), text, since)
	look(t.Context(), text, since)
	fault = nil
	look(t.Context(), "", time.Time{})

	gone, hangUp := context.WithCancel(t.Context())
	hangUp() // which says nothing about the parts
	fault = context.Canceled
	look(gone, "canceled", time.Time{})
}
