package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

func TestCodeOf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want fault.Code
	}{
		"nil":                 {nil, ""},
		"foreign":             {io.EOF, fault.Internal},
		"fault":               {fault.New(fault.NotFound, "no order %s", "o1"), fault.NotFound},
		"wrapped fault":       {fmt.Errorf("read order: %w", fault.New(fault.NotFound, "no order")), fault.NotFound},
		"bare code":           {fmt.Errorf("read order: %w", fault.Conflict), fault.Conflict},
		"outermost wins":      {fault.Wrap(fault.New(fault.NotFound, "no order"), fault.Conflict, "changed"), fault.Conflict},
		"fault over a cause":  {fault.Wrap(io.EOF, fault.Unavailable, "the broker is away"), fault.Unavailable},
		"field fault":         {fault.Invalidf("hours", "must be at most %d", 200), fault.Invalid},
		"joined with another": {errors.Join(io.EOF, fault.New(fault.Invalid, "x")), fault.Invalid},
	} {
		if got := fault.CodeOf(tc.err); got != tc.want {
			t.Errorf("%s: CodeOf = %q, want %q", name, got, tc.want)
		}
	}
}

func TestErrorIsItsCodeAndItsCause(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("write: %w", fault.Wrap(io.EOF, fault.Unavailable, "the store is away"))
	if !errors.Is(err, fault.Unavailable) || !errors.Is(err, io.EOF) {
		t.Errorf("%v: want it to be both its code and its cause", err)
	}
	if errors.Is(err, fault.Conflict) {
		t.Errorf("%v: is a code it does not have", err)
	}
}

func TestWrapKeepsNil(t *testing.T) {
	t.Parallel()
	if err := fault.Wrap(nil, fault.Internal, "x"); err != nil {
		t.Errorf("Wrap(nil) = %v, want nil", err)
	}
}

func TestMessageShowsNoInternals(t *testing.T) {
	t.Parallel()
	const safe = "something went wrong on our side; the log has the details"
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"own message only": {fault.Wrap(errors.New("dial tcp 10.0.0.7:5432"), fault.Unavailable, "the store is away"), "the store is away"},
		"foreign":          {errors.New("pq: relation does not exist"), safe},
		"internal":         {fault.New(fault.Internal, "nil pointer in planner"), safe},
		"bare code":        {fault.NotFound, "not_found"},
	} {
		if got := fault.MessageOf(tc.err); got != tc.want {
			t.Errorf("%s: MessageOf = %q, want %q", name, got, tc.want)
		}
	}
}

func TestFieldOf(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("add record: %w", fault.Invalidf("hours", "must be at most 200"))
	if got := fault.FieldOf(err); got != "hours" {
		t.Errorf("FieldOf = %q, want hours", got)
	}
}
