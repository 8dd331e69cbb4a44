package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	kongyaml "github.com/alecthomas/kong-yaml"
	"gopkg.in/yaml.v3"
)

// loadConfig reads a YAML file with settings. A key is the name of a flag; it counts
// for every command that has it, or for one below the name of that command. A key
// that is neither is a mistake, not a setting to pass over.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	resolver, err := kongyaml.Loader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	keys := map[string]any{}
	if err := yaml.Unmarshal(text, &keys); err != nil {
		return nil, err
	}
	return &config{resolver, keys}, nil
}

type config struct {
	kong.Resolver
	keys map[string]any
}

// Resolve implements kong.Resolver.
func (c *config) Resolve(ctx *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	v, err := c.Resolver.Resolve(ctx, parent, flag)
	if v == nil && err == nil {
		v, err = c.Resolver.Resolve(ctx, &kong.Path{App: ctx.Model}, flag)
	}
	return v, err
}

// Validate implements kong.Resolver.
func (c *config) Validate(app *kong.Application) error {
	everywhere := flagNames(app.Node)
	commands := map[string][]string{}
	for _, command := range app.Children {
		commands[command.Name] = flagNames(command)
		everywhere = append(everywhere, commands[command.Name]...)
	}
	for _, key := range slices.Sorted(maps.Keys(c.keys)) {
		own, isCommand := commands[key]
		below, isMap := c.keys[key].(map[string]any)
		switch {
		case isCommand && isMap:
			for name := range below {
				if !slices.Contains(own, name) {
					return fmt.Errorf("configuration file: %s has no setting %q; it has %s", key, name, strings.Join(own, ", "))
				}
			}
		case !slices.Contains(everywhere, key):
			return fmt.Errorf("configuration file: there is no setting %q; see 'pitcrew serve --help'", key)
		}
	}
	return nil
}

func flagNames(n *kong.Node) []string {
	var names []string
	for _, f := range n.Flags {
		names = append(names, f.Name)
	}
	for _, below := range n.Children {
		if n.Type == kong.CommandNode {
			names = append(names, flagNames(below)...)
		}
	}
	return names
}
