package broker

import (
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// identity is whom a client speaks for.
type identity struct {
	vehicle  string // the {vin} of its topics
	any      bool   // may publish for every vehicle
	verified bool   // by a certificate or a password
}

// maxClientID is far above what devices use; it is kept, and logged.
const maxClientID = 256

// identify says whom a connecting client speaks for; why is empty when it may
// connect.
func (h *hook) identify(c *conn, connect packets.ConnectParams) (id identity, why string) {
	if len(connect.ClientIdentifier) > maxClientID {
		return identity{}, fmt.Sprintf("the client id is longer than %d bytes", maxClientID)
	}
	username := string(connect.Username)
	switch cert := certificateName(c); {
	case cert != "":
		id = identity{vehicle: cert, verified: true}
	case h.o.Authenticate != nil && username != "":
		if !h.o.Authenticate(username, connect.Password) {
			return identity{}, "wrong user name or password"
		}
		id = identity{vehicle: connect.ClientIdentifier, verified: true}
		if _, err := vehicle.ParseVIN(username); err == nil {
			id.vehicle = username
		}
	case h.o.AllowAnonymous:
		id = identity{vehicle: connect.ClientIdentifier, any: true}
	default:
		return identity{}, "neither a client certificate nor an account"
	}
	name := username
	if cert := certificateName(c); cert != "" {
		name = cert
	}
	if vin, ok := h.o.Vehicles[name]; ok && id.verified {
		id.vehicle = string(vin)
	}
	// The name becomes a segment of topics, where "+" would stand for every vehicle.
	named := id.vehicle != "" && !strings.ContainsAny(id.vehicle, "+#/")
	switch {
	case !named && !id.any:
		return identity{}, "neither the account nor the client id names a vehicle"
	case !named:
		id.vehicle = "" // an anonymous client may call itself what it likes; it reads nothing
	}
	if connect.WillFlag && !h.mayPublish(id, connect.WillTopic) {
		return identity{}, "the will is not under the client's own topics"
	}
	return id, ""
}

// certificateName returns the common name of a verified client certificate.
func certificateName(c *conn) string {
	secure, ok := c.Conn.(*tls.Conn)
	if !ok {
		return ""
	}
	state := secure.ConnectionState()
	if len(state.VerifiedChains) == 0 {
		return ""
	}
	return state.PeerCertificates[0].Subject.CommonName
}

// mayPublish allows the client's own topics, and those of feeds.
func (h *hook) mayPublish(id identity, topic string) bool {
	if h.o.Feeds != nil && !strings.HasPrefix(topic, obd.TopicRoot) && h.o.Feeds(topic) {
		return !strings.ContainsAny(topic, "+#")
	}
	return id.mayPublish(topic)
}

// from is the vehicle that the client has proved to speak for; empty when it may
// speak for any.
func (id identity) from() vehicle.VIN {
	if id.any {
		return ""
	}
	if vin, err := vehicle.ParseVIN(id.vehicle); err == nil {
		return vin
	}
	return vehicle.VIN(id.vehicle) // no vehicle is called so: the client speaks for none
}

// mayPublish allows pitcrew/v1/{vin}/... of the client's own vehicle.
func (id identity) mayPublish(topic string) bool {
	vin, rest, ok := cutVehicle(topic)
	return ok && vin != "" && rest != "" && !strings.ContainsAny(topic, "+#") && (id.any || vin == id.vehicle)
}

// mayRead allows topics and filters below pitcrew/v1/{vin}/ of the client's own
// vehicle, whoever it may publish for.
func (id identity) mayRead(filter string) bool {
	vin, _, ok := cutVehicle(filter)
	return ok && vin != "" && vin == id.vehicle
}

func cutVehicle(topic string) (vin, rest string, ok bool) {
	below, ok := strings.CutPrefix(topic, obd.TopicRoot)
	if !ok {
		return "", "", false
	}
	return strings.Cut(below, "/")
}
