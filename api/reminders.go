package api

import (
	"context"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/reminders"
)

type reminding struct {
	pitcrewv1.UnimplementedReminderServiceServer
	o Options
}

func (s reminding) ListReminders(ctx context.Context, req *pitcrewv1.ListRemindersRequest) (*pitcrewv1.ListRemindersResponse, error) {
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	vin, err := optionalVIN(req.GetVin())
	if err != nil {
		return nil, err
	}
	states, err := statesOf(req.GetState(), reminders.States())
	if err != nil {
		return nil, err
	}
	rows, next, err := s.o.Queries.Reminders(ctx, planner.ReminderFilter{VIN: vin, States: states}, page)
	if err != nil {
		return nil, err
	}
	return &pitcrewv1.ListRemindersResponse{Reminders: each(rows, encodeReminder), NextPageToken: next}, nil
}

func (s reminding) SnoozeReminder(ctx context.Context, req *pitcrewv1.SnoozeReminderRequest) (*pitcrewv1.Reminder, error) {
	r, err := s.o.Planner.ActOnReminder(ctx, req.GetId(), reminders.Command{Action: reminders.ActionSnooze, Until: moment(req.GetUntil())})
	if err != nil {
		return nil, err
	}
	return encodeReminder(r), nil
}

func (s reminding) DeclineReminder(ctx context.Context, req *pitcrewv1.DeclineReminderRequest) (*pitcrewv1.Reminder, error) {
	r, err := s.o.Planner.ActOnReminder(ctx, req.GetId(), reminders.Command{Action: reminders.ActionDecline, Note: req.GetNote()})
	if err != nil {
		return nil, err
	}
	return encodeReminder(r), nil
}
