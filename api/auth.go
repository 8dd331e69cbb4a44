package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/auth"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

const askForToken = "send the API token as a bearer token"

// authenticate checks the bearer token of every gRPC call but health checks. An
// empty token lets everybody in: cmd allows that on the loopback interface only.
func authenticate(token string) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		if token != "" && info.FullMethod != grpc_health_v1.Health_Check_FullMethodName {
			got, err := auth.AuthFromMD(ctx, "bearer")
			if err != nil || !same(got, token) {
				return nil, asStatus(fault.New(fault.Unauthenticated, askForToken))
			}
		}
		return next(ctx, req)
	}
}

// Guard checks the token of HTTP requests: as a bearer token, or as the password
// of basic authentication, which a browser asks for by itself. Health checks
// pass, and so does everything where the token is empty.
func Guard(token string, next http.Handler) http.Handler {
	if token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || same(tokenOf(r), token) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="pitcrew", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", `Bearer realm="pitcrew"`)
		sendProblem(w, problem{
			Status: http.StatusUnauthorized, Code: string(fault.Unauthenticated),
			Detail: askForToken + ", or as the password of basic authentication",
		})
	})
}

// tokenOf reads what the request authenticates itself with, empty for nothing.
func tokenOf(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "bearer") {
		return token
	}
	return ""
}

// same compares in constant time, whatever the lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
