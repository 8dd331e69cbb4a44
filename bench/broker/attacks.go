package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/pitcrew-telematics/pitcrew/bench/publish"
	"github.com/pitcrew-telematics/pitcrew/obd"
)

// attack is one kind of hostile client.
type attack struct {
	name, about string
	run         func(ctx context.Context, h *hostile)
}

var attacks = []attack{
	{"flood", "8 vehicles publish as fast as they are acknowledged", flood},
	{"deaf", "8 vehicles publish and never read a PUBACK", deaf},
	{"oversize", "payloads of 10 MB, again and again", oversize},
	{"wildcard", "publish to topics with + and #", wildcard},
	{"other-vin", "publish to the topics of other vehicles", otherVIN},
	{"retained", "retained messages on ever new topics", retained},
	{"subscribe", "subscribe to everything, and to ever new topics of its own", subscribe},
	{"storm", "connect and leave, 32 at a time", storm},
	{"guess", "guess passwords, 32 at a time", guess},
	{"sessions", "sessions that are to outlive their connection, each with a new client id of 64 kB", sessions},
	{"crowd", "one vehicle with 4,000 connections", crowd},
	{"half-open", "4,000 connections that say nothing", halfOpen},
	{"slowloris", "1,000 connections that say CONNECT a byte a second", slowloris},
	{"promise", "1,000 connections that announce 2 MB and do not send them", promise},
}

// choose finds attacks by name; all of them for no names.
func choose(names []string) ([]attack, error) {
	if len(names) == 0 {
		return attacks, nil
	}
	var out []attack
	for _, name := range names {
		i := slices.IndexFunc(attacks, func(a attack) bool { return a.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no attack %q; see --help", name)
		}
		out = append(out, attacks[i])
	}
	return out, nil
}

// packet is a PUBLISH at QoS 1.
func packet(topic string, id uint16, payload []byte) []byte {
	return append(publish.AppendHead(nil, topic, id, len(payload)), payload...)
}

func telemetry(seq int) []byte { return appendTelemetry(nil, time.Now(), uint64(seq)) }

func flood(ctx context.Context, h *hostile) {
	again(ctx, hostileVehicles, func(worker int) {
		vin := hostileVIN(worker)
		conn := h.enter(ctx, vin, string(vin))
		if conn == nil {
			return
		}
		defer h.hangUp(conn)
		go h.read(conn)
		for i := 1; ctx.Err() == nil; i++ {
			if _, err := conn.Write(packet(obd.Topic(vin, obd.Telemetry), uint16(i%65535+1), telemetry(i))); err != nil {
				return
			}
		}
	})
}

func deaf(ctx context.Context, h *hostile) {
	again(ctx, hostileVehicles, func(worker int) {
		vin := hostileVIN(worker)
		conn := h.enter(ctx, vin, string(vin))
		if conn == nil {
			return
		}
		defer h.hangUp(conn)
		for i := 1; ctx.Err() == nil; i++ {
			if _, err := conn.Write(packet(obd.Topic(vin, obd.Telemetry), uint16(i%65535+1), telemetry(i))); err != nil {
				h.note("closed by the broker")
				return
			}
			h.note("messages sent")
		}
	})
}

func oversize(ctx context.Context, h *hostile) {
	payload := bytes.Repeat([]byte("x"), 10_000_000)
	again(ctx, hostileVehicles, func(worker int) {
		vin := hostileVIN(worker)
		conn := h.enter(ctx, vin, string(vin))
		if conn == nil {
			return
		}
		defer h.hangUp(conn)
		if _, err := conn.Write(packet(obd.Topic(vin, obd.Telemetry), 1, payload)); err == nil {
			h.note("sent whole")
		}
		h.read(conn)
	})
}

// publishes sends what is not allowed and waits for what comes of it.
func publishes(ctx context.Context, h *hostile, topics ...string) {
	again(ctx, hostileVehicles, func(worker int) {
		vin := hostileVIN(worker)
		conn := h.enter(ctx, vin, string(vin))
		if conn == nil {
			return
		}
		defer h.hangUp(conn)
		for i, topic := range topics {
			if _, err := conn.Write(packet(topic, uint16(i+1), telemetry(i))); err != nil {
				break
			}
			h.note("messages sent")
		}
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		h.read(conn)
	})
}

func wildcard(ctx context.Context, h *hostile) {
	publishes(ctx, h, obd.TopicRoot+"+/telemetry", obd.TopicRoot+"#", "#")
}

func otherVIN(ctx context.Context, h *hostile) {
	publishes(ctx, h, obd.Topic(carVIN(0), obd.Telemetry), obd.Topic(carVIN(1), obd.Telemetry))
}

func retained(ctx context.Context, h *hostile) {
	again(ctx, hostileVehicles, func(worker int) {
		vin := hostileVIN(worker)
		conn := h.enter(ctx, vin, string(vin))
		if conn == nil {
			return
		}
		defer h.hangUp(conn)
		go h.read(conn)
		for i := 1; ctx.Err() == nil; i++ {
			p := packet(fmt.Sprintf("%s%s/telemetry/%d", obd.TopicRoot, vin, i), uint16(i%65535+1), telemetry(i))
			p[0] |= 1 // RETAIN
			if _, err := conn.Write(p); err != nil {
				return
			}
		}
	})
}

func subscribe(ctx context.Context, h *hostile) {
	again(ctx, hostileVehicles, func(worker int) {
		vin := hostileVIN(worker)
		conn := h.enter(ctx, vin, string(vin))
		if conn == nil {
			return
		}
		defer h.hangUp(conn)
		go h.read(conn)
		for i := 1; ctx.Err() == nil; i++ {
			p := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
			p.MessageID = uint16(i%65535 + 1)
			p.Topics = []string{"#", obd.TopicRoot + "+/telemetry"}
			for j := range 100 {
				p.Topics = append(p.Topics, fmt.Sprintf("%s%s/%d/%d", obd.TopicRoot, vin, i, j))
			}
			p.Qoss = make([]byte, len(p.Topics))
			if p.Write(conn) != nil {
				return
			}
		}
	})
}

func storm(ctx context.Context, h *hostile) {
	again(ctx, 32, func(worker int) {
		vin := hostileVIN(worker % hostileVehicles)
		if conn := h.enter(ctx, vin, fmt.Sprintf("storm-%d", worker)); conn != nil {
			h.note("accepted")
			h.hangUp(conn)
		}
	})
}

func guess(ctx context.Context, h *hostile) {
	again(ctx, 32, func(worker int) {
		conn := h.dial(ctx)
		if conn == nil {
			return
		}
		defer h.hangUp(conn)
		h.login(conn, connectPacket("guess", carVIN(worker), "wrong"))
	})
}

func sessions(ctx context.Context, h *hostile) {
	n := 0
	again(ctx, 1, func(int) {
		n++
		conn := h.dial(ctx)
		if conn == nil {
			return
		}
		defer h.hangUp(conn)
		p := connectPacket(fmt.Sprintf("%d-%s", n, strings.Repeat("i", 65_000)), hostileVIN(0), password)
		p.CleanSession = false
		if h.login(conn, p) {
			h.note("accepted")
		}
	})
}

func crowd(ctx context.Context, h *hostile) {
	for i := range mostHostile {
		if ctx.Err() != nil {
			return
		}
		if conn := h.enter(ctx, hostileVIN(0), fmt.Sprintf("crowd-%d", i)); conn != nil {
			h.note("accepted")
			go h.read(conn)
		}
	}
}

// hold keeps n connections open; speak says what there is to say on one and
// returns when it is over.
func hold(ctx context.Context, h *hostile, n int, speak func(conn io.Writer)) {
	again(ctx, n, func(int) {
		conn := h.dial(ctx)
		if conn == nil {
			until(ctx, time.Now().Add(time.Second))
			return
		}
		defer h.hangUp(conn)
		go speak(conn)
		h.read(conn)
	})
}

func halfOpen(ctx context.Context, h *hostile) {
	hold(ctx, h, mostHostile, func(io.Writer) {})
}

func slowloris(ctx context.Context, h *hostile) {
	hold(ctx, h, 1000, func(conn io.Writer) {
		var text bytes.Buffer
		_ = connectPacket("slow", hostileVIN(0), password).Write(&text)
		for _, b := range text.Bytes() {
			if _, err := conn.Write([]byte{b}); err != nil || !until(ctx, time.Now().Add(time.Second)) {
				return
			}
		}
	})
}

func promise(ctx context.Context, h *hostile) {
	hold(ctx, h, 1000, func(conn io.Writer) {
		_, _ = conn.Write([]byte{packets.Connect << 4, 0xfe, 0xff, 0x7f}) // a remaining length of 2,097,150
	})
}
