package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// micros is how a time is kept: microseconds since the Unix epoch, 0 for no time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is the reverse of micros.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// text makes any string one that both dialects can hold.
func text(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\uFFFD"), "\uFFFD")
}

// longestKey is in bytes; PostgreSQL refuses to index rows beyond about 2,700.
const longestKey = 200

// key makes text from a vehicle fit for a primary key: what is too long is cut
// and told apart by a hash, so that no message can stop the ones beside it.
func key(s string) string {
	s = text(s)
	if len(s) <= longestKey {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:longestKey-32], "") + hex.EncodeToString(sum[:16])
}

// encode makes the JSON of nested values. It fails on numbers that are not
// finite, which nothing derived may contain.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", v, err)
	}
	return string(b), nil
}

// decode reads the JSON of nested values.
func decode(s string, into any) error {
	if err := json.Unmarshal([]byte(s), into); err != nil {
		return fmt.Errorf("decode %T: %w", into, err)
	}
	return nil
}

// encodeAll encodes several values, in order, into the texts they go to.
func encodeAll(pairs ...nested) error {
	for _, p := range pairs {
		s, err := encode(p.value)
		if err != nil {
			return err
		}
		*p.column = s
	}
	return nil
}

// decodeAll is the reverse of encodeAll; values are pointers.
func decodeAll(pairs ...nested) error {
	for _, p := range pairs {
		if err := decode(*p.column, p.value); err != nil {
			return err
		}
	}
	return nil
}

// nested is a value and the column it is kept in as JSON.
type nested struct {
	column *string
	value  any
}
