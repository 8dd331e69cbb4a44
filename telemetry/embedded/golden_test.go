package embedded

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata again; files of a released version stay as they are")

// Chunks and hot rows of format version 1 must stay readable for ever: the bytes
// in testdata were written by its first encoder. An encoder may choose better
// without changing the version, so only reading is compared.
func TestReadsVersion1(t *testing.T) {
	t.Parallel()
	want := fuzzBlock()
	var e encoder
	headData, body, err := e.encode(want)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"head": headData, "body": body, "hot": appendHot(nil, want)} {
		if *update {
			if err := os.WriteFile("testdata/v1."+name+".hex", hex.AppendEncode(nil, data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	h, err := readHead(golden(t, "head"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := readBody(h, golden(t, "body"), allSignals)
	if d := cmp.Diff(want, got, cmp.AllowUnexported(block{}, column{}, cell{})); err != nil || d != "" {
		t.Errorf("chunk: %v (-want +got):\n%s", err, d)
	}
	var b builder
	err = readHot(golden(t, "hot"), &b)
	if d := cmp.Diff(want, b.finish(), cmp.AllowUnexported(block{}, column{}, cell{})); err != nil || d != "" {
		t.Errorf("hot row: %v (-want +got):\n%s", err, d)
	}
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/v1." + name + ".hex")
	if err != nil {
		t.Fatal(err)
	}
	data, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
