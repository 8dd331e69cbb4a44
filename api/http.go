package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

func writeReadiness(w http.ResponseWriter, parts map[string]error) {
	names := make([]string, 0, len(parts))
	code := http.StatusOK
	for name, err := range parts {
		names = append(names, name)
		if err != nil {
			code = http.StatusServiceUnavailable
		}
	}
	slices.Sort(names)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	for _, name := range names {
		if err := parts[name]; err != nil {
			_, _ = fmt.Fprintf(w, "%s: %v\n", name, err)
			continue
		}
		_, _ = fmt.Fprintf(w, "%s: ok\n", name)
	}
}

// knownQuery refuses query parameters that no request of the contract has. The
// gateway would pass over them, and a misspelt filter would answer everything.
func knownQuery(next http.Handler) http.Handler {
	known := map[string]bool{}
	var fields []string
	services := pitcrewv1.File_pitcrew_v1_pitcrew_proto.Services()
	for i := range services.Len() {
		methods := services.Get(i).Methods()
		for j := range methods.Len() {
			collect(methods.Get(j).Input(), known)
		}
	}
	for name := range known {
		fields = append(fields, name)
	}
	slices.Sort(fields)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.URL.Query() {
			if !known[name] {
				sendProblem(w, problem{
					Status: http.StatusBadRequest, Code: string(fault.Invalid), Field: name,
					Detail: fmt.Sprintf("unknown query parameter %q; the API knows %s", name, strings.Join(fields, ", ")),
				})
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// collect notes the scalar fields of a request under their JSON names; the
// gateway takes the names of the contract too.
func collect(m protoreflect.MessageDescriptor, known map[string]bool) {
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if f.Kind() == protoreflect.MessageKind && f.Message().FullName() != "google.protobuf.Timestamp" {
			continue
		}
		known[f.JSONName()] = true
		known[string(f.Name())] = true
	}
}
