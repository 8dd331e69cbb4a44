package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
)

//go:embed static
var staticFiles embed.FS

// assets serves the style sheet, the scripts and their licences. An address
// carries a digest of its content, so that browsers may keep it for good.
type assets struct {
	files   http.Handler
	digests map[string]string
}

func newAssets() (assets, error) {
	dir, err := fs.Sub(staticFiles, "static")
	if err != nil {
		return assets{}, fmt.Errorf("open the embedded files: %w", err)
	}
	a := assets{files: http.StripPrefix("/static/", http.FileServerFS(dir)), digests: map[string]string{}}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return assets{}, fmt.Errorf("list the embedded files: %w", err)
	}
	for _, e := range entries {
		content, err := fs.ReadFile(dir, e.Name())
		if err != nil {
			return assets{}, fmt.Errorf("read an embedded file: %w", err)
		}
		sum := sha256.Sum256(content)
		a.digests[e.Name()] = hex.EncodeToString(sum[:6])
	}
	return a, nil
}

func (a assets) url(name string) string { return "/static/" + name + "?v=" + a.digests[name] }

// ServeHTTP answers the embedded files, and nothing for folders.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	digest, ok := a.digests[r.URL.Path[len("/static/"):]]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == digest {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	a.files.ServeHTTP(w, r)
}
