package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

// What can go wrong with a call and not with the domain.
//
//nolint:errname // codes, as in fault
const (
	deadlineExceeded fault.Code = "deadline_exceeded"
	canceled         fault.Code = "canceled"
	methodNotAllowed fault.Code = "method_not_allowed" // HTTP only
	tooLarge         fault.Code = "too_large"          // HTTP only: gRPC refuses the message itself
)

// statusClientGone is what nginx logs for a caller that did not wait: nobody is
// there to read it.
const statusClientGone = 499

// statuses is the one place where a code becomes a status of either transport.
var statuses = map[fault.Code]struct {
	grpc codes.Code
	http int
}{
	fault.Invalid:            {codes.InvalidArgument, http.StatusBadRequest},
	fault.NotFound:           {codes.NotFound, http.StatusNotFound},
	fault.Conflict:           {codes.Aborted, http.StatusConflict},
	fault.FailedPrecondition: {codes.FailedPrecondition, http.StatusConflict},
	fault.Unauthenticated:    {codes.Unauthenticated, http.StatusUnauthorized},
	fault.PermissionDenied:   {codes.PermissionDenied, http.StatusForbidden},
	fault.ResourceExhausted:  {codes.ResourceExhausted, http.StatusTooManyRequests},
	fault.Unavailable:        {codes.Unavailable, http.StatusServiceUnavailable},
	fault.Unsupported:        {codes.Unimplemented, http.StatusNotImplemented},
	fault.Internal:           {codes.Internal, http.StatusInternalServerError},
	deadlineExceeded:         {codes.DeadlineExceeded, http.StatusGatewayTimeout},
	canceled:                 {codes.Canceled, statusClientGone},
}

// reasonDomain marks the error detail that carries the domain code.
const reasonDomain = "pitcrew"

// asStatus turns an error of the domain into one that survives gRPC: the status
// code, the message that may be shown, and the domain code and field as details.
func asStatus(err error) error {
	code, message := fault.CodeOf(err), fault.MessageOf(err)
	switch {
	case errors.Is(err, context.Canceled):
		code, message = canceled, "the caller went away"
	case errors.Is(err, context.DeadlineExceeded):
		code, message = deadlineExceeded, "this took longer than it may: ask for less, or try again"
	}
	if _, ok := statuses[code]; !ok {
		code = fault.Internal
	}
	info := &errdetails.ErrorInfo{Reason: string(code), Domain: reasonDomain}
	if field := fault.FieldOf(err); field != "" {
		info.Metadata = map[string]string{"field": field}
	}
	st := status.New(statuses[code].grpc, message)
	if with, err := st.WithDetails(info); err == nil {
		st = with
	}
	return st.Err()
}

// problem is an error as RFC 9457 has it, with the domain code and the field of
// the request that is at fault.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
	Field  string `json:"field,omitempty"`
}

// writeProblem is the gateway's error handler. Errors without our detail come
// from the gateway, which could not read the request, or from gRPC itself.
func writeProblem(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	st := status.Convert(err)
	code, field := fault.Internal, ""
	for c, row := range statuses {
		if row.grpc == st.Code() {
			code = c
		}
	}
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == reasonDomain {
			code, field = fault.Code(info.GetReason()), info.GetMetadata()["field"]
		}
	}
	// protojson puts no-break spaces into its messages, so that nobody compares them.
	detail := strings.TrimPrefix(strings.ReplaceAll(st.Message(), "\u00a0", " "), "proto: ")
	sendProblem(w, problem{Status: statuses[code].http, Code: string(code), Field: field, Detail: detail})
}

func sendProblem(w http.ResponseWriter, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone when this fails
}
