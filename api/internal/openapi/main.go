// Command openapi completes the document that protoc-gen-openapiv3 writes with
// what the contract cannot say: what the API is, how a caller authenticates, the
// shape of errors, and the paths that are no operations. It reads standard input
// and writes standard output.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

type object = map[string]any

func main() {
	if err := complete(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "complete the OpenAPI document:", err)
		os.Exit(1)
	}
}

func complete(in io.Reader, out io.Writer) error {
	var doc struct {
		OpenAPI    string            `json:"openapi"`
		Info       object            `json:"info"`
		Servers    []object          `json:"servers"`
		Security   []object          `json:"security"`
		Tags       []object          `json:"tags"`
		Paths      map[string]object `json:"paths"`
		Components object            `json:"components"`
	}
	if err := json.NewDecoder(in).Decode(&doc); err != nil {
		return err
	}
	doc.Info = object{
		"title": "pitcrew", "version": "v1",
		"summary": "What each car needs next and when, and the jobs that come of it.",
		"description": "The same operations are served over gRPC, service by service as tagged here. " +
			"Distances are kilometres, temperatures degrees Celsius, times UTC (RFC 3339), money the minor unit of its currency. " +
			"64-bit integers are strings in JSON. A field whose message or time is unknown is left out.",
	}
	doc.Servers = []object{{"url": "/", "description": "where this document came from"}}
	doc.Security = []object{{}, {"bearer": []string{}}, {"basic": []string{}}}
	schemas, ok := doc.Components["schemas"].(object)
	if !ok {
		return fmt.Errorf("no schemas under components")
	}
	delete(schemas, "google.rpc.Status")
	schemas["Problem"] = problemSchema()
	doc.Components["responses"] = object{"Problem": object{
		"description": "An error, as RFC 9457 has it.",
		"content":     object{"application/problem+json": object{"schema": object{"$ref": "#/components/schemas/Problem"}}},
	}}
	doc.Components["securitySchemes"] = object{
		"bearer": object{"type": "http", "scheme": "bearer", "description": "The API token, where one is set."},
		"basic":  object{"type": "http", "scheme": "basic", "description": "The API token as the password, with any name."},
	}
	for _, path := range doc.Paths {
		for _, op := range path {
			completeOperation(op)
		}
	}
	for path, what := range plainPaths() {
		doc.Paths[path] = object{"get": what}
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}

// completeOperation names the shape of errors, and takes back that a body is
// needed where every field may be left out.
func completeOperation(op any) {
	o, _ := op.(object)
	responses, _ := o["responses"].(object)
	responses["default"] = object{"$ref": "#/components/responses/Problem"}
	if body, ok := o["requestBody"].(object); ok {
		content, _ := body["content"].(object)
		media, _ := content["application/json"].(object)
		schema, _ := media["schema"].(object)
		body["required"] = schema["$ref"] != nil // a whole message, such as a record
	}
}

func problemSchema() object {
	text := func(what string) object { return object{"type": "string", "description": what} }
	return object{
		"type":     "object",
		"required": []string{"type", "title", "status", "detail", "code"},
		"properties": object{
			"type":   text("Always about:blank: code says what kind of error it is."),
			"title":  text("The words for the status."),
			"status": object{"type": "integer", "description": "The HTTP status."},
			"detail": text("One sentence that may be shown to a person."),
			"code": object{
				"type": "string", "description": "What a program should look at.",
				"enum": []string{
					"invalid", "not_found", "conflict", "failed_precondition", "unauthenticated", "permission_denied",
					"resource_exhausted", "unavailable", "unsupported", "internal", "deadline_exceeded", "canceled",
					"method_not_allowed", "too_large",
				},
			},
			"field": text("The field or parameter of the request that is at fault, where one is."),
		},
	}
}

// plainPaths are served beside the contract.
func plainPaths() map[string]object {
	answer := func(id, summary, media string, free bool, also object) object {
		responses := object{"200": object{"description": summary, "content": object{media: object{}}}}
		for code, r := range also {
			responses[code] = r
		}
		op := object{"operationId": id, "summary": summary, "tags": []string{"Operation"}, "responses": responses}
		if free {
			op["security"] = []object{}
		}
		return op
	}
	return map[string]object{
		"/healthz": answer("healthz", "The process is alive.", "text/plain", true, nil),
		"/readyz": answer("readyz", "Every part can work; one line per part.", "text/plain", true,
			object{"503": object{"description": "A part cannot work; its line says why.", "content": object{"text/plain": object{}}}}),
		"/metrics":      answer("metrics", "Prometheus metrics.", "text/plain", false, nil),
		"/openapi.json": answer("openapi", "This document.", "application/json", false, nil),
	}
}
