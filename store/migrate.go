package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// VersionError says that the database was last used by a newer pitcrew.
type VersionError struct {
	Database string // which, without password
	Has      int64  // version of its schema
	Knows    int64  // newest version this binary knows
}

// Error implements error.
func (e *VersionError) Error() string {
	return fmt.Sprintf("database %s has schema version %d and this pitcrew knows versions up to %d: "+
		"start the newer pitcrew that used it last, or restore a backup made before the upgrade",
		e.Database, e.Has, e.Knows)
}

// migrate brings the schema to the newest version. It runs under the lock.
func migrate(ctx context.Context, db *DB, log *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	provider, err := goose.NewProvider(db.dialect.goose, db.writer, files,
		goose.WithDisableGlobalRegistry(true), goose.WithTableName("schema_version"))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if has > knows {
		return &VersionError{Database: db.dialect.where, Has: has, Knows: knows}
	}
	if has < knows {
		log.InfoContext(ctx, "migrating database", "database", db.dialect.where, "from", has, "to", knows)
	}
	for {
		done, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		log.InfoContext(ctx, "database migrated", "version", done.Source.Version,
			"file", path.Base(done.Source.Path), "took", done.Duration)
	}
}
