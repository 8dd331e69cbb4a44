package ingesttest

import (
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// Vehicles publish as cars do: one client per VIN, at QoS 1, again after every
// lost connection until it is acknowledged.
type Vehicles struct {
	t       *testing.T
	address string
	mu      sync.Mutex
	clients map[string]paho.Client
}

// NewVehicles makes vehicles that connect to the address.
func NewVehicles(t *testing.T, address string) *Vehicles {
	v := &Vehicles{t: t, address: address, clients: make(map[string]paho.Client)}
	t.Cleanup(func() {
		for _, c := range v.clients {
			c.Disconnect(10)
		}
	})
	return v
}

// Publish sends a telemetry message of the vehicle and does not wait for its
// acknowledgement. Messages of one vehicle leave in order.
func (v *Vehicles) Publish(vin, payload string) {
	v.t.Helper()
	v.client(vin).Publish("pitcrew/v1/"+vin+"/telemetry", 1, false, payload)
}

func (v *Vehicles) client(vin string) paho.Client {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if c, ok := v.clients[vin]; ok {
		return c
	}
	c := paho.NewClient(paho.NewClientOptions().
		AddBroker("tcp://" + v.address).
		SetClientID(vin).
		SetProtocolVersion(4).
		SetCleanSession(false).
		SetOrderMatters(false).
		SetConnectRetry(true).
		SetConnectRetryInterval(20 * time.Millisecond).
		SetMaxReconnectInterval(100 * time.Millisecond))
	if token := c.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
		v.t.Fatalf("vehicle %s cannot connect: %v", vin, token.Error())
	}
	v.clients[vin] = c
	return c
}
