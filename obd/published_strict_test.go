package obd_test

import (
	"encoding/json"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestVectorsAreStrict damages what vectors expect, one place at a time: every time
// the checker must see it. A field that nobody compares would pass for decoded.
func TestVectorsAreStrict(t *testing.T) {
	t.Parallel()
	t.Run("own", func(t *testing.T) {
		t.Parallel()
		damageFolder(t, ownFolder)
	})
	t.Run("published", func(t *testing.T) {
		t.Parallel()
		damageFolder(t, publishedFolder(t))
	})
}

func damageFolder(t *testing.T, dir string) {
	t.Helper()
	places := 0
	for _, path := range vectorFiles(t, dir) {
		vectors, _ := readVectors(t, path)
		file := strings.TrimSuffix(filepath.Base(path), ".json")
		for _, v := range vectors {
			if checkVector(file, v) != "" {
				continue // told by the other tests
			}
			expected := readObject(v.Expected)
			damage(nil, expected, func(where []string) {
				places++
				b, err := json.Marshal(expected)
				if err != nil {
					t.Fatal(err)
				}
				if checkVector(file, vector{v.ID, v.Input, b}) == "" {
					t.Errorf("%s passes with another %s", v.ID, strings.Join(where, "."))
				}
			})
		}
	}
	t.Logf("%d places", places)
}

// damage changes each value below v, tells, and puts it back. To every object it adds
// a key. Of a list it changes the first element only, and the length.
func damage(path []string, v any, tell func(path []string)) {
	switch v := v.(type) {
	case object:
		v["no_such_key"] = json.Number("7")
		tell(append(path, "no_such_key"))
		delete(v, "no_such_key")
		for _, key := range slices.Collect(maps.Keys(v)) {
			if isProse(key) {
				continue
			}
			was := v[key]
			damage(append(path, key), was, tell)
			v[key] = another(was)
			tell(append(path, key))
			v[key] = was
		}
	case []any:
		if len(v) > 0 {
			was := v[0]
			damage(append(path, "[0]"), was, tell)
			v[0] = another(was)
			tell(append(path, "[0]"))
			v[0] = was
		}
	}
}

// isProse reports whether a key holds words for people, which are not compared, or
// not letter by letter.
func isProse(key string) bool {
	return key == "note" || key == "upstream_label"
}

// another is a value that differs a little.
func another(v any) any {
	switch v := v.(type) {
	case json.Number:
		return nextNumber(v)
	case string:
		return "~"
	case bool:
		return !v
	case []any:
		return append(slices.Clone(v), "~")
	case nil:
		return json.Number("12345.6")
	}
	return "~"
}

// nextNumber is one more in the last decimal.
func nextNumber(n json.Number) json.Number {
	f, err := n.Float64()
	if err != nil {
		panic(err)
	}
	_, decimals, _ := strings.Cut(n.String(), ".")
	return json.Number(strconv.FormatFloat(f+math.Pow10(-len(decimals)), 'f', len(decimals), 64))
}
