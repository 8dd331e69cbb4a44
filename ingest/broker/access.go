package broker

import (
	"crypto/tls"
	"strings"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const topicRoot = "pitcrew/v1/"

// identity is whom a client speaks for.
type identity struct {
	vehicle  string // the {vin} of its topics
	any      bool   // may publish for every vehicle
	verified bool   // by a certificate or a password
}

// identify says whom a connecting client speaks for; why is empty when it may
// connect.
func (h *hook) identify(c *conn, connect packets.ConnectParams) (id identity, why string) {
	client, username := connect.ClientIdentifier, string(connect.Username)
	name := ""
	switch cert := certificateName(c); {
	case cert != "":
		name = cert
	case h.o.Authenticate != nil && username != "":
		if !h.o.Authenticate(username, connect.Password) {
			return identity{}, "wrong user name or password"
		}
		name = client
		if _, err := vehicle.ParseVIN(username); err == nil {
			name = username
		}
	case !h.o.AllowAnonymous:
		return identity{}, "neither a client certificate nor an account"
	}
	// The name becomes a segment of the topics: "+" would stand for every vehicle.
	plain := !strings.ContainsAny(name+client, "+#/")
	switch {
	case name == "":
		id = identity{any: true}
		if plain {
			id.vehicle = client
		}
	case !plain:
		return identity{}, "the name of the vehicle has characters of topic filters"
	default:
		id = identity{vehicle: name, verified: true}
	}
	if connect.WillFlag && !id.mayPublish(connect.WillTopic) {
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
	below, ok := strings.CutPrefix(topic, topicRoot)
	if !ok {
		return "", "", false
	}
	return strings.Cut(below, "/")
}
