package api

import (
	"time"

	"github.com/go-kit/kit/endpoint"
)

// Within is an operation as the chain of interceptors runs it, with a time limit.
func Within(limit time.Duration, operation endpoint.Endpoint) endpoint.Endpoint {
	return showable(within(limit)(operation))
}
