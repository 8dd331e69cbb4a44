package console_test

import (
	"net/http"
	"os"
	"testing"
)

func TestPreview(t *testing.T) {
	if os.Getenv("PREVIEW") == "" {
		t.Skip()
	}
	b := setup(t)
	http.ListenAndServe("127.0.0.1:18099", b.handler)
}
