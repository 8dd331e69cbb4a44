package influx

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// mapping is under which names InfluxQL finds a bucket of 2.x.
type mapping struct {
	Database string `json:"database"`
	Policy   string `json:"retention_policy"`
	Virtual  bool   `json:"virtual"` // follows from the name of the bucket; older 2.x has none
}

// mapBucket finds out what InfluxQL calls the bucket, gives it a name if it has none,
// and checks that it is this bucket which is read.
func (v *version2) mapBucket(ctx context.Context, b bucket) error {
	var found struct{ Content []mapping }
	query := url.Values{"orgID": {b.OrgID}, "bucketID": {b.ID}}.Encode()
	if err := v.json(ctx, http.MethodGet, "/api/v2/dbrps?"+query, nil, &found); err != nil {
		return v.explain("ask for the InfluxQL name of the bucket", err)
	}
	use := mapping{Database: v.options.Bucket, Policy: "autogen"}
	for i, m := range found.Content {
		if i == 0 || !m.Virtual {
			use = m
		}
	}
	if len(found.Content) == 0 {
		request := map[string]any{"orgID": b.OrgID, "bucketID": b.ID, "database": use.Database, "retention_policy": use.Policy}
		if err := v.json(ctx, http.MethodPost, "/api/v2/dbrps", request, nil); err != nil {
			return v.explain("give the bucket an InfluxQL name", err)
		}
	}
	v.database, v.policy = use.Database, use.Policy
	return v.readsWhatItWrites(ctx)
}

// readsWhatItWrites writes a point and looks for it. InfluxQL takes the organisation
// from the token, and writes do not: a token that reaches several might write into
// one, and read from another.
func (v *version2) readsWhatItWrites(ctx context.Context) error {
	secret, at := rand.Text(), time.Now().UnixMilli()
	if err := v.post(ctx, fmt.Appendf(nil, "%s check=%q %d", pingMeasurement, secret, at)); err != nil {
		return err
	}
	read := ""
	check := fmt.Sprintf(`SELECT "check" FROM %s WHERE time = %dms`, pingMeasurement, at)
	err := v.query(ctx, "query", check, func(r rows) error {
		read, _ = r.values[0][1].(string)
		return nil
	})
	if err != nil {
		return err
	}
	if read != secret {
		return fmt.Errorf("what is written to bucket %s of organisation %s is not what InfluxQL finds as %s/%s: use a token that belongs to this organisation",
			v.options.Bucket, v.options.Org, v.database, v.policy)
	}
	return nil
}
