package main

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// vehicleCmd works on the vehicles of a running pitcrew.
type vehicleCmd struct {
	Erase    vehicleEraseCmd    `cmd:"" help:"Remove everything that is known of a vehicle, for good, and print the receipt."`
	Erasures vehicleErasuresCmd `cmd:"" help:"List the receipts of erased vehicles, newest first."`
}

type vehicleEraseCmd struct {
	server `embed:""`

	VIN      string `arg:"" name:"vin" help:"The vehicle."`
	KeepWork bool   `env:"-" help:"Leave closed work orders and service records, where they have to be kept."`
	Actor    string `env:"-" help:"Who asks for it, as it shall stand in the receipt: a name, or the number of a request."`
	Yes      bool   `env:"-" help:"Do not ask."`
	JSON     bool   `name:"json" help:"Print the receipt as JSON, as GET /v1/erasures has it."`
}

func (vehicleEraseCmd) Help() string {
	return `Samples, trouble codes, forecasts, findings, reminders and messages to the owner, the owner, work orders,
the service history, and what of the vehicle is in quarantine: all of it is gone, and there is no way
back but a backup. The receipt says what was removed and names no vehicle. Without --yes it asks for
the VIN once more, which needs a terminal.

  pitcrew vehicle erase WVWZZZ1KZ6W000001 --actor 'request 4711'
  pitcrew vehicle erase WVWZZZ1KZ6W000001 --keep-work --yes

A car that goes on reporting comes back as a new one: disconnect it first.`
}

func (c *vehicleEraseCmd) Run(s *env) error {
	vin, err := vehicle.ParseVIN(c.VIN)
	if err != nil {
		return &usageError{err.Error()}
	}
	if err := c.confirm(s, string(vin)); err != nil {
		return err
	}
	var receipt pitcrewv1.Erasure
	req := pitcrewv1.EraseVehicleRequest{Actor: c.Actor, KeepWork: c.KeepWork}
	if err := c.post(s.ctx, "/v1/vehicles/"+url.PathEscape(string(vin))+":erase", &req, &receipt); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, &receipt)
	}
	if receipt.GetState() != "done" {
		fmt.Fprintf(s.out, "Under way as %s: a part of pitcrew cannot do it now, and goes on as soon as it can.\n", receipt.GetId())
		return nil
	}
	_, err = fmt.Fprintf(s.out, "Erased: %s. The receipt is %s.\n", removed(&receipt), receipt.GetId())
	return err
}

// confirm asks a person for the VIN: a yes is typed too easily.
func (c *vehicleEraseCmd) confirm(s *env, vin string) error {
	if c.Yes {
		return nil
	}
	answer, err := s.ask(fmt.Sprintf("Everything that %s knows of %s will be gone. Type the VIN to go on: ", c.Server, vin))
	if err != nil {
		return err
	}
	if !strings.EqualFold(answer, vin) {
		return errors.New("nothing was erased")
	}
	return nil
}

// removed says what a receipt counts.
func removed(e *pitcrewv1.Erasure) string {
	var parts []string
	if e.GetDays() > 0 {
		parts = append(parts, "samples of "+plural(int(e.GetDays()), "day"))
	}
	for _, table := range slices.Sorted(maps.Keys(e.GetRemoved())) {
		parts = append(parts, fmt.Sprintf("%d %s", e.GetRemoved()[table], strings.ReplaceAll(table, "_", " ")))
	}
	if len(parts) == 0 {
		return "nothing, as nothing was known"
	}
	return strings.Join(parts, ", ")
}

type vehicleErasuresCmd struct {
	server `embed:""`

	VIN  string `env:"-" name:"vin" help:"Only those of this vehicle. Receipts hold no VIN, but whoever has it can find them."`
	JSON bool   `name:"json" help:"One JSON object a line, as GET /v1/erasures has it."`
}

func (c *vehicleErasuresCmd) Run(s *env) error {
	out := bufio.NewWriter(s.out)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(table, "REQUESTED\tSTATE\tRECEIPT\tBY\tREMOVED")
	}
	req := pitcrewv1.ListErasuresRequest{Vin: c.VIN, PageSize: 200}
	for more := true; more; more = req.PageToken != "" {
		var page pitcrewv1.ListErasuresResponse
		if err := c.get(s.ctx, "/v1/erasures", &req, &page); err != nil {
			return err
		}
		for _, e := range page.GetErasures() {
			if c.JSON {
				if err := printJSON(out, e); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintln(table, strings.Join([]string{
				e.GetRequested().AsTime().Local().Format("2006-01-02 15:04:05"), e.GetState(), e.GetId(), oneLine(e.GetActor()), removed(e),
			}, "\t"))
		}
		req.PageToken = page.GetNextPageToken()
	}
	if err := errors.Join(table.Flush(), out.Flush()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
