package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// report prints the medians of what was measured, and how pitcrew compares.
func report(out io.Writer, o options, results []result) error {
	fmt.Fprintf(out, "%s path, %s traffic: %d messages of 20 signals, %d cars, QoS 1, %d connections, %d rounds; medians\n\n",
		o.Path, o.Traffic, o.Messages, o.Vehicles, o.Connections, o.Rounds)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tmessages/s\tp50 ms\tp99 ms\tat messages/s\tprocess\tCPU s per 100,000\tpeak MB\t")
	for _, name := range names(results) {
		m := median(results, name)
		delay := fmt.Sprintf("%.0f\t%.0f\t%.0f", m.P50*1000, m.P99*1000, m.HalfRate)
		if m.HalfRate == 0 {
			delay = "\t\t"
		}
		head := fmt.Sprintf("%s\t%.0f\t%s", name, m.PerSec, delay)
		total := cost{Process: "all"}
		for _, c := range m.Costs {
			fmt.Fprintf(t, "%s\t%s\t%.2f\t%.0f\t\n", head, c.Process, c.CPU, c.PeakMB)
			head = "\t\t\t\t"
			total.CPU += c.CPU
			total.PeakMB += c.PeakMB
		}
		if len(m.Costs) > 1 {
			fmt.Fprintf(t, "%s\t%s\t%.2f\t%.0f\t\n", head, total.Process, total.CPU, total.PeakMB)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if slices.Contains(names(results), "telegraf") {
		compare(out, median(results, "pitcrew"), median(results, "telegraf"))
	}
	return nil
}

// compare prints the ratios to Telegraf.
func compare(out io.Writer, ours, theirs result) {
	fmt.Fprintf(out, "\npitcrew to telegraf: %.2f of the CPU time, %.2f times the messages/s", ours.cpu("pitcrew")/theirs.cpu("telegraf"), ours.PerSec/theirs.PerSec)
	fmt.Fprintf(out, "; influxd behind it %.2f of the CPU time", ours.cpu("influxd")/theirs.cpu("influxd"))
	fmt.Fprintf(out, "; all processes %.2f\n", ours.cpu("")/theirs.cpu(""))
}

// cpu is the CPU time of a process, of all for "".
func (r result) cpu(process string) float64 {
	sum := 0.0
	for _, c := range r.Costs {
		if process == "" || c.Process == process {
			sum += c.CPU
		}
	}
	return sum
}

func names(results []result) []string {
	var all []string
	for _, r := range results {
		if !slices.Contains(all, r.Name) {
			all = append(all, r.Name)
		}
	}
	return all
}

// median is the median of every figure of one path.
func median(results []result, name string) result {
	var own []result
	for _, r := range results {
		if r.Name == name {
			own = append(own, r)
		}
	}
	of := func(figure func(result) float64) float64 {
		var all []float64
		for _, r := range own {
			all = append(all, figure(r))
		}
		slices.Sort(all)
		return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
	}
	m := own[0]
	m.PerSec = of(func(r result) float64 { return r.PerSec })
	m.HalfRate = of(func(r result) float64 { return r.HalfRate })
	m.P50 = of(func(r result) float64 { return r.P50 })
	m.P99 = of(func(r result) float64 { return r.P99 })
	m.Costs = slices.Clone(m.Costs)
	for i := range m.Costs {
		m.Costs[i].CPU = of(func(r result) float64 { return r.Costs[i].CPU })
		m.Costs[i].PeakMB = of(func(r result) float64 { return r.Costs[i].PeakMB })
	}
	return m
}
