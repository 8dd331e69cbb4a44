package api

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

// route is the HTTP mapping of one rpc, as the contract has it.
type route struct {
	method string
	path   *regexp.Regexp
	query  map[string]protoreflect.FieldDescriptor // the parameters it takes
}

// rpcs lists the operations of the contract.
func rpcs() []protoreflect.MethodDescriptor {
	var out []protoreflect.MethodDescriptor
	services := pitcrewv1.File_pitcrew_v1_pitcrew_proto.Services()
	for i := range services.Len() {
		methods := services.Get(i).Methods()
		for j := range methods.Len() {
			out = append(out, methods.Get(j))
		}
	}
	return out
}

var variable = regexp.MustCompile(`\\{[a-z_]+\\}`)

func routeOf(m protoreflect.MethodDescriptor) route {
	rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	r := route{method: http.MethodGet}
	template := rule.GetGet()
	switch {
	case rule.GetPost() != "":
		r.method, template = http.MethodPost, rule.GetPost()
	case rule.GetPut() != "":
		r.method, template = http.MethodPut, rule.GetPut()
	}
	r.path = regexp.MustCompile("^" + variable.ReplaceAllString(regexp.QuoteMeta(template), "[^/:]+") + "$")
	if r.method == http.MethodGet {
		r.query = parameters(m.Input(), template)
	}
	return r
}

// parameters lists the fields of a request that its path does not take, by their
// names in JSON.
func parameters(m protoreflect.MessageDescriptor, template string) map[string]protoreflect.FieldDescriptor {
	out := map[string]protoreflect.FieldDescriptor{}
	for i := range m.Fields().Len() {
		if f := m.Fields().Get(i); !strings.Contains(template, "{"+string(f.Name())+"}") {
			out[f.JSONName()] = f
		}
	}
	return out
}

// check returns what is wrong with a parameter, or nothing. The gateway passes
// over unknown ones, so that a misspelt filter would answer everything, and does
// not say which one it cannot read.
func (r route) check(name string, values []string) string {
	f, ok := r.query[name]
	switch {
	case !ok && len(r.query) == 0:
		return fmt.Sprintf("unknown query parameter %q: this operation takes none", name)
	case !ok:
		known := strings.Join(slices.Sorted(maps.Keys(r.query)), ", ")
		return fmt.Sprintf("unknown query parameter %q: this operation takes %s", name, known)
	case len(values) > 1:
		return "this parameter is there more than once"
	}
	var err error
	var want string
	switch f.Kind() {
	case protoreflect.Int32Kind:
		want = "a whole number"
		_, err = strconv.ParseInt(values[0], 10, 32)
	case protoreflect.BoolKind:
		want = "true or false"
		_, err = strconv.ParseBool(values[0])
	case protoreflect.MessageKind: // times are the only messages in a query
		want = "a time such as 2026-11-22T10:00:00Z"
		_, err = time.Parse(time.RFC3339, values[0])
	default: // texts
	}
	if err != nil {
		return fmt.Sprintf("%q is not %s", values[0], want)
	}
	return ""
}

// routed lets requests through that the contract has, with query parameters that
// the operation takes.
func routed(next http.Handler) http.Handler {
	all := make([]route, 0, len(operations))
	for _, m := range rpcs() {
		all = append(all, routeOf(m))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		methods := map[string]route{}
		for _, route := range all {
			if route.path.MatchString(r.URL.Path) {
				methods[route.method] = route
			}
		}
		if len(methods) == 0 {
			sendProblem(w, problem{
				Status: http.StatusNotFound, Code: string(fault.NotFound),
				Detail: "there is nothing at this path; /openapi.json lists what there is",
			})
			return
		}
		if get, ok := methods[http.MethodGet]; ok { // the server leaves the body out
			methods[http.MethodHead] = get
		}
		at, ok := methods[r.Method]
		if !ok {
			refuseMethod(w, r, slices.Sorted(maps.Keys(methods)))
			return
		}
		for name, values := range r.URL.Query() {
			if wrong := at.check(name, values); wrong != "" {
				sendProblem(w, problem{Status: http.StatusBadRequest, Code: string(fault.Invalid), Field: name, Detail: wrong})
				return
			}
		}
		r = r.Clone(r.Context())
		r.Method = at.method
		next.ServeHTTP(w, r)
	})
}

// refuseMethod answers what may be sent instead, which is also what OPTIONS asks.
func refuseMethod(w http.ResponseWriter, r *http.Request, allowed []string) {
	list := strings.Join(append(allowed, http.MethodOptions), ", ")
	w.Header().Set("Allow", list)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	sendProblem(w, problem{
		Status: http.StatusMethodNotAllowed, Code: string(methodNotAllowed),
		Detail: fmt.Sprintf("%s is not possible here, only %s", r.Method, list),
	})
}
