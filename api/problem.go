package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

// statuses is the one place where a domain code becomes a status of either
// transport.
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
}

// reasonDomain marks the error detail that carries the domain code.
const reasonDomain = "pitcrew"

// asStatus turns an error of the domain into one that survives gRPC: the status
// code, the message that may be shown, and the domain code and field as details.
func asStatus(err error) error {
	if err == nil {
		return nil
	}
	var s interface{ GRPCStatus() *status.Status }
	if errors.As(err, &s) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return status.Error(codes.Canceled, "the caller went away")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return status.Error(codes.DeadlineExceeded, "this took longer than it may; ask for less, or try again")
	}
	code := fault.CodeOf(err)
	st := status.New(statuses[code].grpc, fault.MessageOf(err))
	info := &errdetails.ErrorInfo{Reason: string(code), Domain: reasonDomain}
	if field := fault.FieldOf(err); field != "" {
		info.Metadata = map[string]string{"field": field}
	}
	if with, err := st.WithDetails(info); err == nil {
		st = with
	}
	return st.Err()
}

// problem is an error as RFC 9457 has it.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
	Field  string `json:"field,omitempty"`
}

// writeProblem is the gateway's error handler.
func writeProblem(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	st := status.Convert(err)
	p := problem{Type: "about:blank", Status: runtime.HTTPStatusFromCode(st.Code()), Detail: st.Message()}
	var wrong *runtime.HTTPStatusError
	if errors.As(err, &wrong) { // the gateway's own: no such route, wrong method
		p.Status, p.Detail = wrong.HTTPStatus, status.Convert(wrong.Err).Message()
	}
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == reasonDomain {
			p.Code, p.Field = info.GetReason(), info.GetMetadata()["field"]
			p.Status = statuses[fault.Code(p.Code)].http
		}
	}
	sendProblem(w, p)
}

func sendProblem(w http.ResponseWriter, p problem) {
	p.Title = http.StatusText(p.Status)
	if p.Type == "" {
		p.Type = "about:blank"
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone when this fails
}
