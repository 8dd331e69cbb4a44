package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/schollz/progressbar/v3"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/simulator/drivelog"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

type replayCmd struct {
	File     string    `arg:"" help:"CSV log: one row per moment, one column per OBD-II parameter." type:"existingfile"`
	VIN      string    `name:"vin" required:"" help:"Vehicle that drove."`
	Broker   string    `help:"Broker to publish to." default:"tcp://127.0.0.1:1883"`
	Username string    `help:"User name at the broker; the VIN, where cars log in by password."`
	Password string    `help:"Password at the broker."`
	Start    time.Time `help:"When the drive began, RFC 3339. Left out: so that it has just ended."`
	Speed    float64   `help:"1 replays in real time, 10 ten times as fast, 0 as fast as the broker takes it." default:"0"`
}

func (c *replayCmd) Help() string {
	return `Sends the rows as ELM327 answers on pitcrew/v1/{vin}/obd, as the adapter in the car would have:

  pitcrew replay --vin LJCPCBLC614500264 drive1.csv

Columns are named ENGINE_RPM, VEHICLE_SPEED and so on, or by PID: 010C.`
}

func (c *replayCmd) Run(s *env) error {
	vin, err := vehicle.ParseVIN(c.VIN)
	if err != nil {
		return err
	}
	rows, err := c.read(s)
	if err != nil {
		return err
	}
	start := c.Start
	if start.IsZero() {
		start = time.Now().Add(-rows[len(rows)-1].Offset)
	}
	if err := checkBroker(c.Broker); err != nil {
		return err
	}
	client, err := connect(s.ctx, c.Broker, "replay-"+string(vin), c.Username, c.Password)
	if err != nil {
		return err
	}
	defer client.Disconnect(250)
	bar := progress(s, len(rows), "replaying "+string(vin))
	if err := c.publish(s, client, vin, rows, start, bar); err != nil {
		return err
	}
	_ = bar.Finish() // only a terminal can fail here
	_, err = fmt.Fprintf(s.out, "%d messages acknowledged: %s drove from %s to %s\n", len(rows), vin,
		start.Local().Format(time.DateTime), start.Add(rows[len(rows)-1].Offset).Local().Format(time.TimeOnly))
	return err
}

func (c *replayCmd) read(s *env) ([]drivelog.Row, error) {
	f, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, skipped, err := drivelog.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s holds a header and no rows", c.File)
	}
	if len(skipped) > 0 {
		s.logger.Warn("columns that are no known OBD-II parameter are left out", "columns", strings.Join(skipped, ", "))
	}
	return rows, nil
}

// inFlight is how many messages may wait for their acknowledgement.
const inFlight = 50

// publish sends every row and waits until all are acknowledged.
func (c *replayCmd) publish(s *env, client paho.Client, vin vehicle.VIN, rows []drivelog.Row, start time.Time, bar *progressbar.ProgressBar) error {
	began := time.Now()
	boot := "replay-" + strconv.FormatInt(start.Unix(), 36)
	waiting := make([]paho.Token, 0, inFlight)
	await := func(keep int) error {
		for len(waiting) > keep {
			if err := acknowledged(s.ctx, waiting[0]); err != nil {
				return err
			}
			_ = bar.Add(1)
			waiting = waiting[1:]
		}
		return nil
	}
	for i, row := range rows {
		if c.Speed > 0 {
			if err := sleepUntil(s.ctx, began.Add(time.Duration(float64(row.Offset)/c.Speed))); err != nil {
				return err
			}
		}
		text, err := row.ELM327()
		if err != nil {
			s.logger.Warn("a value does not fit its parameter and is left out", "row", i+2, "reason", err)
		}
		payload := jsonmsg.AppendAdapter(nil, boot, uint64(i+1), start.Add(row.Offset), text)
		waiting = append(waiting, client.Publish(obd.Topic(vin, obd.Adapter), 1, false, payload))
		if err := await(inFlight - 1); err != nil {
			return err
		}
	}
	return await(0)
}

func sleepUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// connect makes a plain paho client that gives up when the broker does not
// answer, and says so.
func connect(ctx context.Context, url, clientID, user, password string) (paho.Client, error) {
	o := paho.NewClientOptions().AddBroker(url).SetClientID(clientID).SetUsername(user).SetPassword(password).
		SetConnectTimeout(5 * time.Second).SetAutoReconnect(false)
	client := paho.NewClient(o)
	if err := acknowledged(ctx, client.Connect()); err != nil {
		return nil, fmt.Errorf("no answer from the broker at %s: %w; is pitcrew (or the broker) running there? --broker names another", url, err)
	}
	return client, nil
}

// errNotAcknowledged says that the broker stays silent: what was sent may not be
// stored.
var errNotAcknowledged = errors.New("the broker does not acknowledge; what was sent may not be stored, run this again (repeats do no harm)")

func acknowledged(ctx context.Context, t paho.Token) error {
	timer := time.NewTimer(30 * time.Second)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return errNotAcknowledged
	case <-t.Done():
		return t.Error()
	}
}
