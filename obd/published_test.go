package obd_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vector is one example of a format: an input, and what a decoder must make of it.
type vector struct {
	ID       string
	Input    json.RawMessage
	Expected json.RawMessage
}

// checker decodes the input of a vector and tells where the result differs from what
// is expected; "" is a pass. It maps formats, never single vectors, and panics on a
// vector that it cannot read: see checkVector.
type checker func(v vector) string

// checkers says how vectors are checked, by the name of their file, which is also
// what their ids begin with.
func checkers() map[string]checker {
	return map[string]checker{
		"elm327":             checkELM327,
		"gb32960_2016":       checkGBT32960,
		"gb32960_2025":       checkGBT32960,
		"gb32960_malformed":  checkGBT32960Malformed,
		"isotp":              checkISOTP,
		"j1939":              checkJ1939,
		"jt808":              checkJTT808,
		"mqtt_devices":       checkDialect,
		"obd_dtc":            checkDTC,
		"obd_mode01":         checkService01,
		"obd_mode09":         checkService09,
		"obd_readiness":      checkReadiness,
		"obd_services":       checkServices,
		"obd_supported_pids": checkSupportedPIDs,
		"uds_did_ev":         checkUDSData,
		"uds_dtc":            checkUDSCodes,
		"vin":                checkVIN,
	}
}

// TestPublishedVectors checks every vector of every *.json in the folder of published
// vectors, and in our own for what those leave out: see the notes in its files.
func TestPublishedVectors(t *testing.T) {
	t.Parallel()
	t.Run("published", func(t *testing.T) {
		t.Parallel()
		checkFolder(t, publishedFolder(t))
	})
	t.Run("own", func(t *testing.T) {
		t.Parallel()
		checkFolder(t, ownFolder)
	})
}

var ownFolder = filepath.Join("testdata", "vectors")

// publishedFolder is $PITCREW_VECTORS, by default the shared folder beside the
// repository. Only outside CI its absence skips the test.
func publishedFolder(t *testing.T) string {
	t.Helper()
	dir := cmp.Or(os.Getenv("PITCREW_VECTORS"), filepath.Join("..", "..", "shared", "vectors"))
	if _, err := os.Stat(dir); err != nil && os.Getenv("CI") == "" {
		t.Skipf("no published vectors: %v; set PITCREW_VECTORS", err)
	}
	return dir
}

// checkFolder prints a tally for each file. A file without vectors is a table, and is
// only named.
func checkFolder(t *testing.T, dir string) {
	t.Helper()
	total := 0
	for _, path := range vectorFiles(t, dir) {
		name := filepath.Base(path)
		vectors, isTable := readVectors(t, path)
		if isTable {
			t.Logf("%s: a table, no vectors", name)
			continue
		}
		total += len(vectors)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := 0
			for _, v := range vectors {
				if diff := checkVector(strings.TrimSuffix(name, ".json"), v); diff != "" {
					failed++
					t.Errorf("%s\ninput %s\n%s", v.ID, shown(v.Input), diff)
				}
			}
			t.Logf("%s: %d vectors, %d passed, %d failed", name, len(vectors), len(vectors)-failed, failed)
		})
	}
	if total == 0 {
		t.Errorf("no vectors in %s", dir)
	}
}

func vectorFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no *.json in %s: %v", dir, err)
	}
	return files
}

func readVectors(t *testing.T, path string) (vectors []vector, isTable bool) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Vectors *[]vector }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if all.Vectors == nil {
		return nil, true
	}
	return *all.Vectors, false
}

// checkVector finds the checker by the id of the vector before its last '-', else by
// its file. A panic fails this vector only.
func checkVector(file string, v vector) (diff string) {
	defer func() {
		if r := recover(); r != nil {
			diff = fmt.Sprintf("not checked: %v", r)
		}
	}()
	all := checkers()
	check, known := all[v.ID[:max(strings.LastIndexByte(v.ID, '-'), 0)]]
	if !known {
		check, known = all[file]
	}
	if !known {
		return "nobody can check vectors of this id and file"
	}
	return check(v)
}

// shown is an input on one line, cut where it gets long.
func shown(input json.RawMessage) string {
	var line bytes.Buffer
	if err := json.Compact(&line, input); err != nil {
		return string(input)
	}
	const most = 400
	if line.Len() > most {
		return string(line.Bytes()[:most]) + "..."
	}
	return line.String()
}
