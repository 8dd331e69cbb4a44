package main

import (
	"context"
	"net/http"
	"net/http/pprof"
	"time"
)

// serveProfiles serves Go's profiler on a listener of its own: what is in memory is
// nobody's business who may use the API.
func (p *product) serveProfiles(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return serveHTTP(ctx, &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}, p.pprofOn)
}
