package ingest

import (
	"context"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// apart is a place in the order of messages where something is done instead of a
// commit.
type apart struct {
	vin vehicle.VIN
	do  func(context.Context) error
}

// Apart runs do once everything that was taken in before is stored, and before
// anything that came later is: no message is half written then, its samples in one
// store and its facts not yet in the other. Afterwards the pipeline remembers nothing
// of the vehicle. do runs even if ctx ends while it waits for its turn. Before Run it
// waits for Run; it fails with ErrStopping after.
func (p *Pipeline) Apart(ctx context.Context, vin vehicle.VIN, do func(context.Context) error) error {
	done := make(chan error, 1)
	err := p.emit(ctx, Message{apart: &apart{vin, do}, Done: func(err error) { done <- err }})
	if err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait until messages that came before are stored: %w", ctx.Err())
	}
}

// stepAside does what stands at this place in the order.
func (c *committer) stepAside(ctx context.Context, it *item) {
	<-it.ready
	var err error
	if s, ok := c.o.Facts.(Settler); ok {
		err = s.Settle(ctx)
	}
	if err == nil {
		err = it.apart.do(ctx)
	}
	c.marks.forget(it.apart.vin)
	c.repeats.forgetVehicle(it.apart.vin)
	c.clocks.forgetVehicle(it.apart.vin)
	c.urgency.vehicles.Remove(it.apart.vin)
	c.finish(it, err)
}
