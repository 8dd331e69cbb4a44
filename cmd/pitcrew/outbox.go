package main

import (
	"context"
	"errors"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/reminders/webhook"
)

// dispatcher delivers messages to owners: through the webhook where one is set,
// else into the log.
func (p *product) dispatcher() (*reminders.Dispatcher, error) {
	var channel reminders.Channel = reminders.Log{Logger: p.logger}
	if p.settings.WebhookURL != "" {
		hook, err := webhook.New(webhook.Options{URL: p.settings.WebhookURL, Secrets: p.settings.WebhookSecret})
		if err != nil {
			return nil, err
		}
		channel = hook
	}
	return reminders.NewDispatcher(p.db, channel, reminders.DispatcherOptions{
		Logger: p.logger, Registerer: p.registry, Now: time.Now, StillNews: p.stillNews,
	})
}

// stillNews asks the reminder behind a message whether it still stands: between
// deciding and sending lies the night.
func (p *product) stillNews(ctx context.Context, m reminders.Message) (bool, error) {
	news := false
	err := p.db.Planner().Read(ctx, func(tx planner.Tx) error {
		r, err := tx.Reminder(ctx, m.ReminderID)
		news = err == nil && r.StillNews()
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	return news, err
}
