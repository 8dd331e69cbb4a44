package api

import (
	"time"

	"github.com/go-kit/kit/endpoint"
)

// Within is an operation as the chain of interceptors runs it, with a time limit.
func Within(limit time.Duration, operation endpoint.Endpoint) endpoint.Endpoint {
	return showable(within(limit)(operation))
}

// Codes are all the codes that an error can have, over either transport.
func Codes() map[string]bool {
	out := map[string]bool{string(methodNotAllowed): true, string(tooLarge): true}
	for code := range statuses {
		out[string(code)] = true
	}
	return out
}

// EncodeCode is a trouble code as it is answered.
var EncodeCode = encodeCode
