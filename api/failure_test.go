package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/pitcrew-telematics/pitcrew/api"
	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

// fleet asks for the figures of the fleet: what these tests break.
func fleet(ctx context.Context, conn grpc.ClientConnInterface) error {
	_, err := pitcrewv1.NewVehicleServiceClient(conn).GetFleet(ctx, &pitcrewv1.GetFleetRequest{})
	return err
}

func TestAPanicIsOneFailedCall(t *testing.T) {
	t.Parallel()
	s := serve(t, breaking(func(context.Context) error { panic("out of tyres") }))
	resp, body := s.send("GET", "/v1/fleet", "")
	checkProblem(t, resp, body, wantProblem{500, "internal", "", "something went wrong on our side"})
	if resp, body := s.send("GET", "/v1/vehicles", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("after the panic: %s %s", resp.Status, body)
	}
	if log := s.log.String(); !strings.Contains(log, "out of tyres") || !strings.Contains(log, "failure_test.go") {
		t.Errorf("the log does not say what happened and where: %s", log)
	}
}

// A caller that sets a deadline gets an answer by then over either transport, and
// the work behind ends with it.
func TestDeadlinesReachTheWork(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 100)
	s := serve(t, breaking(func(ctx context.Context) error {
		<-ctx.Done()
		ended <- ctx.Err()
		return fault.Wrap(ctx.Err(), fault.Internal, "count")
	}))
	reach := func(call func(limit time.Duration)) { // a short deadline may be over before the call comes to the work
		for limit := 20 * time.Millisecond; ; limit *= 2 {
			call(limit)
			select {
			case <-ended:
				return
			case <-time.After(limit):
			}
		}
	}
	reach(func(limit time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		if err := fleet(ctx, s.api.Conn()); status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("gRPC: %v", err)
		}
	})
	for len(ended) > 0 { // of calls that were given up before they came
		<-ended
	}
	reach(func(limit time.Duration) {
		resp, body := s.send("GET", "/v1/fleet", "", "Grpc-Timeout", fmt.Sprintf("%dm", limit.Milliseconds()))
		checkProblem(t, resp, body, wantProblem{504, "deadline_exceeded", "", ""})
	})
}

// A store may report the end of its time in its own words.
func TestAnOperationThatTakesTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := api.Within(5*time.Second, func(ctx context.Context, _ any) (any, error) {
			<-ctx.Done()
			return nil, fault.Wrap(errSecret, fault.Internal, "interrupted")
		})
		start := time.Now()
		if _, err := slow(t.Context(), nil); status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestACallerThatGoesAwayEndsTheWork(t *testing.T) {
	t.Parallel()
	begun, ended := make(chan struct{}), make(chan struct{})
	s := serve(t, breaking(func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}))
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+"/v1/fleet", nil)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() {
		resp, err := s.http.Client().Do(req)
		if err == nil {
			resp.Body.Close()
		}
		failed <- err
	}()
	<-begun
	cancel()
	if err := <-failed; err == nil {
		t.Error("the request succeeded")
	}
	<-ended
}

// A stopping server cuts off what does not end by itself.
func TestStoppingDoesNotWaitForever(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits two seconds for a call that does not end")
	}
	begun := make(chan struct{})
	s := serve(t, breaking(func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}))
	failed := make(chan error, 1)
	go func() { failed <- fleet(context.Background(), s.dial()) }()
	<-begun
	start := time.Now()
	s.stop()
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if err := <-failed; err == nil {
		t.Error("the open call succeeded")
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *api.Options) { o.Token = "s3cret" })
	for name, tc := range map[string]struct {
		path   string
		header []string
		want   int
	}{
		"none":               {"/v1/fleet", nil, 401},
		"bearer":             {"/v1/fleet", []string{"Authorization", "Bearer s3cret"}, 200},
		"bearer, lower case": {"/v1/fleet", []string{"Authorization", "bearer s3cret"}, 200},
		"wrong bearer":       {"/v1/fleet", []string{"Authorization", "Bearer secret"}, 401},
		"empty bearer":       {"/v1/fleet", []string{"Authorization", "Bearer "}, 401},
		"no scheme":          {"/v1/fleet", []string{"Authorization", "s3cret"}, 401},
		"password":           {"/v1/fleet", []string{"Authorization", "Basic YW55Ym9keTpzM2NyZXQ="}, 200},
		"wrong password":     {"/v1/fleet", []string{"Authorization", "Basic czNjcmV0Og=="}, 401},
		"metrics":            {"/metrics", nil, 401},
		"health":             {"/healthz", nil, 200},
		"readiness":          {"/readyz", nil, 200},
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := s.send("GET", tc.path, "", tc.header...)
			if resp.StatusCode != tc.want {
				t.Errorf("%s %s, want %d", resp.Status, body, tc.want)
			}
			if tc.want == 401 {
				checkProblem(t, resp, body, wantProblem{401, "unauthenticated", "", "bearer token"})
				if ask := resp.Header.Values("WWW-Authenticate"); len(ask) != 2 || !strings.HasPrefix(ask[0], "Basic") {
					t.Errorf("it asks for %q", ask)
				}
			}
		})
	}

	conn := s.dial()
	if err := fleet(t.Context(), conn); status.Code(err) != codes.Unauthenticated {
		t.Errorf("gRPC without a token: %v", err)
	}
	if err := fleet(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer wrong"), conn); status.Code(err) != codes.Unauthenticated {
		t.Errorf("gRPC with a wrong token: %v", err)
	}
	if err := fleet(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer s3cret"), conn); err != nil {
		t.Errorf("gRPC with the token: %v", err)
	}
	if _, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Errorf("gRPC health without a token: %v", err)
	}
	if err := fleet(t.Context(), s.api.Conn()); err != nil {
		t.Errorf("inside the process: %v", err)
	}
}

func TestWithoutATokenEverybodyMayCall(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if err := fleet(t.Context(), s.dial()); err != nil {
		t.Error(err)
	}
	// A token sent where none is wanted does no harm.
	if resp, body := s.send("GET", "/v1/fleet", "", "Authorization", "Basic YW55Ym9keTpzM2NyZXQ="); resp.StatusCode != http.StatusOK {
		t.Errorf("%s %s", resp.Status, body)
	}
}
