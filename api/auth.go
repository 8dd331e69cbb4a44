package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/auth"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

// authenticate checks the bearer token of every gRPC call. An empty token lets
// everybody in: cmd allows that on the loopback interface only.
func authenticate(token string) grpc.UnaryServerInterceptor {
	return auth.UnaryServerInterceptor(func(ctx context.Context) (context.Context, error) {
		if token == "" {
			return ctx, nil
		}
		got, err := auth.AuthFromMD(ctx, "bearer")
		if err != nil || !same(got, token) {
			return nil, status.Error(codes.Unauthenticated, "send the API token: authorization: Bearer ...")
		}
		return ctx, nil
	})
}

// Guard checks the token of HTTP requests: as a bearer token, or as the password
// of basic authentication, which a browser asks for by itself. Health checks
// pass.
func Guard(token string, next http.Handler) http.Handler {
	if token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || same(password, token) || same(bearer, token) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="pitcrew"`)
		sendProblem(w, problem{
			Status: http.StatusUnauthorized, Code: string(fault.Unauthenticated),
			Detail: "send the API token as a bearer token, or as the password of basic authentication",
		})
	})
}

// same compares in constant time, whatever the lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
