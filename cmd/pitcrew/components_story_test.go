package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A component that a workshop has added goes the whole way: its signal becomes
// readings, the forecast a reminder in both languages and a proposed order, the
// console names it, a workshop's measurement counts, and the closed order renews it.
func TestAComponentThatAWorkshopAdded(t *testing.T) {
	t.Parallel()
	const vin = "LJCPCBLCX14500264"
	const item = "cell_balance"
	shop := startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-anonymous", "--plan-settle", "2s", "--components", exampleComponents)
	now := time.Now().UTC()
	papers := map[string]any{
		"name": "Bus 7", "timeZone": fmt.Sprintf("Etc/GMT%+d", now.Hour()-12), // where it is noon: owners are not woken
		"powertrain": "battery_electric", "inService": now.AddDate(0, 0, -400).Format(time.RFC3339),
		"owner": map[string]any{"name": "李雷", "locale": "zh-CN", "contact": "lilei@example.org"},
	}
	if err := shop.send(http.MethodPut, "/v1/vehicles/"+vin, papers, nil); err != nil {
		t.Fatal(err)
	}
	var table struct {
		Components []struct{ Component, Unit string }
	}
	if err := shop.get("/v1/components", &table); err != nil {
		t.Fatal(err)
	}
	if last := table.Components[len(table.Components)-2]; last.Component != item || last.Unit != "V" {
		t.Errorf("the last but one of the components is %+v", last)
	}

	// 300 days on which the cells drift apart, from 4 to 29 of the 30 mV that are the limit.
	var messages [][2]string
	for day := 300; day >= 1; day-- {
		gone := float64(300-day) / 299
		at := now.AddDate(0, 0, -day).Truncate(time.Hour)
		messages = append(messages, [2]string{"pitcrew/v1/" + vin + "/telemetry", fmt.Sprintf(
			`{"boot":"b1","seq":%d,"samples":[{"time":%q,"signals":{"Vehicle.TraveledDistance":%.0f,"Vehicle.Powertrain.TractionBattery.CellVoltage.StandardDeviation":%.4f}}]}`,
			301-day, at.Format(time.RFC3339), 1000*(9000+40*299*gone), 0.004+0.025*gone)})
	}
	publish(t, shop, "", "", messages...)

	url := "/v1/vehicles/" + vin
	var got struct{ Forecasts []forecast }
	find := func() (f forecast) {
		if err := shop.get(url+"/forecasts", &got); err != nil {
			t.Fatal(err)
		}
		for _, x := range got.Forecasts {
			if x.Component == item {
				f = x
			}
		}
		return f
	}
	within(t, time.Minute, "the forecast", func() (bool, string) {
		f := find()
		return f.State == "known" && f.Readings > 35 && f.Wear.P50 > 0.85 && f.Wear.P50 < 1.05, fmt.Sprintf("%+v", f)
	})

	var told struct {
		Reminders []struct {
			Item, State   string
			Title, Reason struct{ EN, ZH string }
		}
	}
	if err := shop.get("/v1/reminders?vin="+vin, &told); err != nil {
		t.Fatal(err)
	}
	if len(told.Reminders) != 1 || told.Reminders[0].Item != item {
		t.Fatalf("reminders %+v, want one of %s", told.Reminders, item)
	}
	if r := told.Reminders[0]; r.Title.EN != "Cell balance" || r.Title.ZH != "电芯一致性" ||
		!strings.Contains(r.Reason.EN, "the vehicle's sensor") || !strings.Contains(r.Reason.ZH, "车辆传感器") {
		t.Errorf("the reminder says %+v", r)
	}
	within(t, 20*time.Second, "the message to the owner", func() (bool, string) {
		return strings.Contains(shop.err.String(), "电芯一致性"), shop.err.String()
	})
	for language, want := range map[string]string{"en": "Cell balance", "zh-CN": "电芯一致性"} {
		if page := shop.page(url[3:], language); !strings.Contains(page, want) {
			t.Errorf("the vehicle's page in %s does not say %s", language, want)
		}
		if page := shop.page("/", language); !strings.Contains(page, want) {
			t.Errorf("the fleet's page in %s does not say that %s is due next", language, want)
		}
	}

	before := find()
	measured := map[string]any{
		"source": "dealer", "sourceId": "INV-1", "visited": now.Add(-time.Hour).Format(time.RFC3339), "odometerKm": 20960,
		"items": []any{map[string]any{"text": "cells measured"}}, "measurements": []any{map[string]any{"component": "balance cells", "value": 0.0295, "unit": "V"}},
	}
	if err := shop.post(url+"/history", measured, nil); err != nil {
		t.Fatal(err)
	}
	if after := find(); after.Readings != before.Readings+1 {
		t.Errorf("%d readings before the workshop measured, %d after", before.Readings, after.Readings)
	}

	var orders struct{ WorkOrders []order }
	if err := shop.get("/v1/workOrders?state=proposed&vin="+vin, &orders); err != nil {
		t.Fatal(err)
	}
	if len(orders.WorkOrders) != 1 || len(orders.WorkOrders[0].Lines) != 1 || orders.WorkOrders[0].Lines[0].Component != item {
		t.Fatalf("orders %+v, want one for %s", orders.WorkOrders, item)
	}
	shop.walkToTheEnd(orders.WorkOrders[0])
}

// page is a page of the console as a reader of a language sees it.
func (r *running) page(path, language string) string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.web+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", language)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: status %d, %v", path, resp.StatusCode, err)
	}
	return string(body)
}
