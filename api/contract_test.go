package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// example is one case of testdata/<rpc>.json: the same call over both transports,
// and what it answers. $name stands for something of the fixture, see names.
type example struct {
	Given   []given         `json:"given,omitempty"` // calls that come before
	Request json.RawMessage `json:"request"`         // of the rpc
	HTTP    string          `json:"http"`            // method and path
	Body    json.RawMessage `json:"body,omitempty"`
	Want    json.RawMessage `json:"want,omitempty"`  // part of the answer
	Error   *trouble        `json:"error,omitempty"` // instead of an answer
}

type given struct {
	RPC     string          `json:"rpc"`
	Request json.RawMessage `json:"request"`
}

// trouble is what both transports say of an error. Detail is a part of it.
type trouble struct {
	Code   string `json:"code"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Every operation of the contract has examples; over gRPC and over HTTP they
// answer the same.
func TestBothTransportsAnswerTheSame(t *testing.T) {
	t.Parallel()
	methods := contract()
	shared := serve(t) // for what changes nothing
	named := shared.names()
	for name, method := range methods {
		for what, ex := range examples(t, name) {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				ex := ex.about(t, named)
				own := func() *served {
					if len(ex.Given) == 0 && strings.HasPrefix(ex.HTTP, "GET ") {
						return shared.within(t)
					}
					s := serve(t)
					for _, g := range ex.Given {
						if _, err := s.invoke(methods[g.RPC], g.Request); err != nil {
							t.Fatalf("given %s: %v", g.RPC, err)
						}
					}
					return s
				}
				overGRPC, errGRPC := own().call(method, ex)
				overHTTP, errHTTP := own().fetch(method, ex)
				if diff := cmp.Diff(errGRPC, errHTTP); diff != "" {
					t.Fatalf("gRPC (-) and HTTP (+) fail in different ways:\n%s", diff)
				}
				if ex.Error != nil {
					if errGRPC == nil || errGRPC.Code != ex.Error.Code || errGRPC.Field != ex.Error.Field || !strings.Contains(errGRPC.Detail, ex.Error.Detail) {
						t.Fatalf("error %+v, want %+v", errGRPC, ex.Error)
					}
					return
				}
				if errGRPC != nil {
					t.Fatalf("error %+v", errGRPC)
				}
				if diff := cmp.Diff(overGRPC, overHTTP, protocmp.Transform()); diff != "" {
					t.Errorf("gRPC (-) and HTTP (+) answer differently:\n%s", diff)
				}
				got, err := (protojson.MarshalOptions{EmitDefaultValues: true}).Marshal(overGRPC)
				if err != nil {
					t.Fatal(err)
				}
				if where := missing(decode(t, ex.Want), decode(t, got), "answer"); where != "" {
					t.Errorf("%s\nthe answer is %s", where, got)
				}
			})
		}
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != len(methods) {
		t.Errorf("%d files of examples for %d operations, %v", len(files), len(methods), err)
	}
}

func contract() map[string]protoreflect.MethodDescriptor {
	out := map[string]protoreflect.MethodDescriptor{}
	services := pitcrewv1.File_pitcrew_v1_pitcrew_proto.Services()
	for i := range services.Len() {
		for j := range services.Get(i).Methods().Len() {
			m := services.Get(i).Methods().Get(j)
			out[string(m.Name())] = m
		}
	}
	return out
}

func examples(t *testing.T, rpc string) map[string]example {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", rpc+".json"))
	if err != nil {
		t.Errorf("no examples of %s: %v", rpc, err)
		return nil
	}
	var out map[string]example
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&out); err != nil || len(out) == 0 {
		t.Errorf("examples of %s: %d, %v", rpc, len(out), err)
	}
	return out
}

func messageOf(t *testing.T, d protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return kind.New().Interface()
}

// invoke calls an rpc with a request in JSON.
func (s *served) invoke(m protoreflect.MethodDescriptor, request []byte) (proto.Message, error) {
	s.t.Helper()
	in, out := messageOf(s.t, m.Input()), messageOf(s.t, m.Output())
	if err := protojson.Unmarshal(request, in); err != nil {
		s.t.Fatalf("request of %s: %v", m.Name(), err)
	}
	return out, s.api.Conn().Invoke(s.t.Context(), fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name()), in, out)
}

// names are what examples call by a name: a proposed order from trouble codes and one from wear
// of a vehicle whose pads have a gauge, with their vehicles, a reminder that is due, and the model in force.
func (s *served) names() *strings.Replacer {
	s.t.Helper()
	fromCodes, fromWear := s.proposed(workorders.OriginCodes), s.proposed(workorders.OriginWear, s.gauged)
	due, _, err := s.db.Reminders(s.t.Context(), planner.ReminderFilter{States: []reminders.State{reminders.Due}}, planner.Page{Size: 1})
	if err != nil || len(due) == 0 {
		s.t.Fatalf("%d reminders, %v", len(due), err)
	}
	learned, err := s.db.Models(s.t.Context())
	if err != nil || len(learned) != 1 {
		s.t.Fatalf("%d models, %v", len(learned), err)
	}
	return strings.NewReplacer(
		"$model", learned[0].Prior.Version,
		"$fromCodes", fromCodes.ID, "$codesVIN", string(fromCodes.VIN),
		"$fromWear", fromWear.ID, "$wearVIN", string(fromWear.VIN), "$reminder", due[0].ID,
	)
}

// about is the example with the things of the fixture in place of their names.
func (ex example) about(t *testing.T, named *strings.Replacer) (out example) {
	t.Helper()
	raw, err := json.Marshal(ex)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(named.Replace(string(raw))), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (s *served) call(m protoreflect.MethodDescriptor, ex example) (proto.Message, *trouble) {
	s.t.Helper()
	out, err := s.invoke(m, ex.Request)
	if err == nil {
		return out, nil
	}
	said := &trouble{Detail: status.Convert(err).Message()}
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			said.Code, said.Field = info.GetReason(), info.GetMetadata()["field"]
		}
	}
	return nil, said
}

func (s *served) fetch(m protoreflect.MethodDescriptor, ex example) (proto.Message, *trouble) {
	s.t.Helper()
	method, path, _ := strings.Cut(ex.HTTP, " ")
	resp, body := s.send(method, path, string(ex.Body))
	if resp.StatusCode != http.StatusOK {
		said := &trouble{}
		if err := json.Unmarshal(body, said); err != nil {
			s.t.Fatalf("%s: %s: %v", resp.Status, body, err)
		}
		return nil, said
	}
	out := messageOf(s.t, m.Output())
	if err := protojson.Unmarshal(body, out); err != nil {
		s.t.Fatalf("%s: %v", body, err)
	}
	return out, nil
}

// gauged reports whether an order is of a vehicle whose front pads have a gauge.
func (s *served) gauged(o workorders.Order) bool {
	f := get(s, "/v1/vehicles/"+string(o.VIN)+"/forecasts/brake_pads_front", &pitcrewv1.Forecast{})
	return f.GetExplanation().GetSource() == predict.FromPadSensor
}

// proposed is the first proposed order with lines of that origin alone, for which all the rest holds.
func (s *served) proposed(origin string, rest ...func(workorders.Order) bool) workorders.Order {
	s.t.Helper()
	orders, _, err := s.db.Orders(s.t.Context(), planner.OrderFilter{States: []workorders.State{workorders.Proposed}}, planner.Page{Size: 200})
	if err != nil {
		s.t.Fatal(err)
	}
	i := slices.IndexFunc(orders, func(o workorders.Order) bool {
		return slices.Equal(o.Origins(), []string{origin}) && !slices.ContainsFunc(rest, func(holds func(workorders.Order) bool) bool { return !holds(o) })
	})
	if i < 0 {
		s.t.Fatalf("none of %d proposed orders comes from %s alone", len(orders), origin)
	}
	return orders[i]
}

func decode(t *testing.T, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

// missing says where got lacks what is wanted, empty for nowhere. An object may
// have more members; a list starts with those wanted, and an empty one is empty.
// The text "*" wants any value but an empty one.
func missing(want, got any, at string) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, want an object", at, got)
		}
		for k, v := range w {
			if where := missing(v, g[k], at+"."+k); where != "" {
				return where
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) < len(w) || len(w) == 0 && len(g) > 0 {
			return fmt.Sprintf("%s is %v, want %v", at, got, want)
		}
		for i, v := range w {
			if where := missing(v, g[i], fmt.Sprintf("%s[%d]", at, i)); where != "" {
				return where
			}
		}
		return ""
	}
	if want == "*" && got != nil && !reflect.ValueOf(got).IsZero() || reflect.DeepEqual(want, got) {
		return ""
	}
	return fmt.Sprintf("%s is %v, want %v", at, got, want)
}

// A code that no row of the table names must not become success.
func TestEveryFaultHasItsStatus(t *testing.T) {
	t.Parallel()
	for code, want := range map[fault.Code]struct {
		grpc string
		http int
	}{
		fault.Invalid:            {"InvalidArgument", 400},
		fault.NotFound:           {"NotFound", 404},
		fault.Conflict:           {"Aborted", 409},
		fault.FailedPrecondition: {"FailedPrecondition", 409},
		fault.Unauthenticated:    {"Unauthenticated", 401},
		fault.PermissionDenied:   {"PermissionDenied", 403},
		fault.ResourceExhausted:  {"ResourceExhausted", 429},
		fault.Unavailable:        {"Unavailable", 503},
		fault.Unsupported:        {"Unimplemented", 501},
		fault.Internal:           {"Internal", 500},
		"unheard_of":             {"Internal", 500},
	} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			s := serve(t, failing(&fault.Error{Code: code, Message: "the reason", Field: "the.field", Err: errSecret}))
			_, err := pitcrewv1.NewVehicleServiceClient(s.api.Conn()).GetFleet(t.Context(), &pitcrewv1.GetFleetRequest{})
			if got := status.Code(err).String(); got != want.grpc {
				t.Errorf("gRPC says %s, want %s", got, want.grpc)
			}
			resp, body := s.send("GET", "/v1/fleet", "")
			said := code
			detail := "the reason"
			if want.http == 500 {
				said = fault.Internal
			}
			if code == fault.Internal {
				detail = "something went wrong on our side; the log has the details"
			}
			checkProblem(t, resp, body, wantProblem{status: want.http, code: string(said), field: "the.field", detail: detail})
			if strings.Contains(string(body), errSecret.Error()) || strings.Contains(err.Error(), errSecret.Error()) {
				t.Error("the cause is shown to the caller")
			}
			if code == fault.Internal && !strings.Contains(s.log.String(), errSecret.Error()) {
				t.Errorf("the cause is not in the log: %s", s.log)
			}
		})
	}
}
