-- name: PutJournal :exec
INSERT INTO journal (id, body) VALUES ($1, $2);

-- name: Journal :many
SELECT * FROM journal ORDER BY id;

-- name: DeleteJournal :exec
DELETE FROM journal WHERE id = $1;
