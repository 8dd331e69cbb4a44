// Package libflux stands in for the one that calls Rust. It refuses every script.
package libflux

import (
	"context"
	"errors"

	"github.com/influxdata/flux/semantic"
)

var errNoFlux = errors.New("this server is built without Flux")

type (
	Options     struct{}
	ASTPkg      struct{}
	SemanticPkg struct{}
)

func NewOptions(context.Context) Options { return Options{} }

func Parse(string, string) *ASTPkg         { return &ASTPkg{} }
func ParseString(string) *ASTPkg           { return &ASTPkg{} }
func ParseJSON([]byte) (*ASTPkg, error)    { return nil, errNoFlux }
func MergePackages(*ASTPkg, *ASTPkg) error { return errNoFlux }

func (ASTPkg) ASTHandle()                    {}
func (ASTPkg) Format() (string, error)       { return "", errNoFlux }
func (ASTPkg) GetError(Options) error        { return errNoFlux }
func (*ASTPkg) MarshalJSON() ([]byte, error) { return nil, errNoFlux }
func (*ASTPkg) Free()                        {}

func AnalyzeWithOptions(*ASTPkg, Options) (*SemanticPkg, error) { return nil, errNoFlux }
func SemanticPackages() (map[string]*semantic.Package, error)   { return nil, errNoFlux }

func (*SemanticPkg) MarshalFB() ([]byte, error) { return nil, errNoFlux }
func (*SemanticPkg) Free()                      {}
