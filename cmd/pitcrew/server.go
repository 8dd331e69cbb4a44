package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// server is a running pitcrew as commands that talk to one see it.
type server struct {
	Server string `help:"Where pitcrew runs: the address of its console." default:"http://127.0.0.1:8080" placeholder:"URL"`
	Token  string `help:"Its API token, if it asks for one; better in the environment."`
}

// patience is how long one request may take; the API ends every operation before.
const patience = 90 * time.Second

// maxAnswer bounds an answer: a page of payloads is 3 MB in base64.
const maxAnswer = 64 << 20

// get asks with the fields of a request as parameters.
func (c server) get(ctx context.Context, path string, req, into proto.Message) error {
	b, err := protojson.Marshal(req)
	if err != nil {
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(b, &fields); err != nil {
		return err
	}
	query := url.Values{}
	for name, value := range fields {
		query.Set(name, fmt.Sprint(value))
	}
	return c.ask(ctx, http.MethodGet, path+"?"+query.Encode(), nil, into)
}

// post sends a request as JSON.
func (c server) post(ctx context.Context, path string, req, into proto.Message) error {
	b, err := protojson.Marshal(req)
	if err != nil {
		return err
	}
	return c.ask(ctx, http.MethodPost, path, b, into)
}

func (c server) ask(ctx context.Context, method, path string, body []byte, into proto.Message) error {
	base, err := url.Parse(c.Server)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return &usageError{fmt.Sprintf("--server %s: want a URL, such as http://127.0.0.1:8080", c.Server)}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.Server, "/")+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("no answer from pitcrew at %s: %w; does it run, and is --server right?", c.Server, cause(err))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.Server, err)
	}
	if resp.StatusCode != http.StatusOK {
		return c.refusal(resp, answer)
	}
	// A newer pitcrew may say more than this one knows.
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s does not answer as pitcrew does: is --server right?", c.Server)
	}
	return nil
}

// cause takes the request off an error of the HTTP client: it holds filters and
// tokens of pages, which help nobody.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// refusal is what the server says was wrong.
func (c server) refusal(resp *http.Response, answer []byte) error {
	var problem struct{ Detail, Field string }
	if resp.StatusCode == http.StatusUnauthorized {
		return fmt.Errorf("pitcrew at %s wants its token: set PITCREW_TOKEN, or --token", c.Server)
	}
	if err := json.Unmarshal(answer, &problem); err != nil || problem.Detail == "" {
		return fmt.Errorf("%s answers %s: is --server right?", c.Server, resp.Status)
	}
	if problem.Field != "" {
		return fmt.Errorf("%s: %s", problem.Field, problem.Detail)
	}
	return errors.New(problem.Detail)
}

// printJSON prints a message on one line, as the API has it.
func printJSON(out io.Writer, m proto.Message) error {
	b, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		return err
	}
	var line bytes.Buffer // protojson varies its white space on purpose
	if err := json.Compact(&line, b); err != nil {
		return err
	}
	line.WriteByte('\n')
	_, err = out.Write(line.Bytes())
	return err
}
