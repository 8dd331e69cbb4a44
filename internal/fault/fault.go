// Package fault is pitcrew's one domain error: a machine code, and a message
// that may be shown to a person. The api maps codes to gRPC and HTTP once.
package fault

import (
	"errors"
	"fmt"
)

// Code says what kind of fault it is. It is an error itself, so that
// errors.Is(err, fault.NotFound) asks for any fault of that kind.
//
//nolint:errname // fault.NotFound reads as what it is; another Err says nothing
type Code string

// The codes. Each names what the caller can do about it.
//
//nolint:errname // see Code
const (
	Invalid            Code = "invalid"             // the request is wrong in itself: correct it
	NotFound           Code = "not_found"           // there is no such thing
	Conflict           Code = "conflict"            // somebody else changed it: read again and retry
	FailedPrecondition Code = "failed_precondition" // not now: the state does not allow it
	Unauthenticated    Code = "unauthenticated"     // say who you are
	PermissionDenied   Code = "permission_denied"   // your role may not do this
	ResourceExhausted  Code = "resource_exhausted"  // too much or too fast: come back later
	Unavailable        Code = "unavailable"         // a part we need is away: retry
	Unsupported        Code = "unsupported"         // we do not do this
	Internal           Code = "internal"            // our fault: the log knows more
)

// Error implements error.
func (c Code) Error() string { return string(c) }

// Error is a fault. Message is one sentence without names of internals; Field
// names the field of the request that is at fault, where one is; Err is for the
// log and never shown.
type Error struct {
	Code    Code
	Message string
	Field   string
	Err     error
}

// Error implements error: message, then cause. It is for logs; a person is
// shown MessageOf.
func (e *Error) Error() string {
	text := e.Message
	if text == "" {
		text = string(e.Code)
	}
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the target is this fault's code.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// New returns a fault with a message made as by fmt.Sprintf.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalidf returns an Invalid fault of one field.
func Invalidf(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns a fault with a cause for the log. It returns nil when err is nil.
func Wrap(err error, code Code, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Err: err}
}

// CodeOf returns the code of the outermost fault in err's tree, Internal when
// there is none, and the empty code for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	var c Code
	if errors.As(err, &c) {
		return c
	}
	return Internal
}

// MessageOf returns what a person may be shown: the message of the outermost
// fault, or a sentence that gives nothing away.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Message != "" && e.Code != Internal {
		return e.Message
	}
	if code := CodeOf(err); code != "" && code != Internal {
		return string(code)
	}
	return "something went wrong on our side; the log has the details"
}

// FieldOf returns the request field of the outermost fault, if it names one.
func FieldOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}
