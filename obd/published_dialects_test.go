package obd_test

import (
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
)

// checkDialect decodes one message of another maker's device.
func checkDialect(v vector) string {
	in := unmarshal[struct {
		Dialect, Topic, Payload string
		QoS                     byte
		Retained                bool // nothing that a decoder is told, like QoS
	}](v.Input)
	d, ok := dialect.Lookup(in.Dialect)
	if !ok {
		return "dialect " + in.Dialect + " is not registered"
	}
	if strings.HasPrefix(in.Topic, "(") {
		in.Topic = "" // words for a transport without topics
	}
	r, err := d.Decode(dialect.Message{
		Topic: in.Topic, Payload: []byte(in.Payload),
		// Long after every time in the vectors: what is compared is what devices say.
		Received: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		return "refused: " + err.Error()
	}
	got := printed(r)
	got["must_not_fail"] = true // it did not
	return diffTrees(asked(v), got)
}
