-- Text that staff have typed and not saved, and what changed in each version of a post.

-- Forms sent after the session had ended. Kept for an hour, until the sender has signed in again.
CREATE TABLE unsaved_forms (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash   TEXT NOT NULL,             -- SHA-256 of the cookie value
    staff_id     INTEGER REFERENCES staff (id), -- account of the ended session, or the first that signs in with the cookie
    network_hash TEXT NOT NULL,             -- limits forms without a session; empty for private networks
    page         TEXT NOT NULL,             -- path and query of the page with the form
    action       TEXT NOT NULL,             -- path and query that the form was sent to
    fields       TEXT NOT NULL CHECK (json_valid(fields)), -- array of names and values, without secrets
    file_names   TEXT NOT NULL CHECK (json_valid(file_names)), -- files that were not kept
    sent_at      TEXT NOT NULL
) STRICT;
CREATE INDEX unsaved_forms_by_token ON unsaved_forms (token_hash);
CREATE INDEX unsaved_forms_by_time ON unsaved_forms (sent_at);
CREATE INDEX unsaved_forms_by_staff ON unsaved_forms (staff_id);

-- Text of an open post editor, stored every few seconds. Deleted when the post is saved, and after 30 days.
CREATE TABLE post_autosaves (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id      INTEGER REFERENCES posts (id), -- NULL for a new post
    staff_id     INTEGER NOT NULL REFERENCES staff (id),
    base_version INTEGER NOT NULL,          -- version that the editor was opened with; 0 for a new post
    fields       TEXT NOT NULL CHECK (json_valid(fields)),
    saved_at     TEXT NOT NULL
) STRICT;
CREATE INDEX post_autosaves_by_staff ON post_autosaves (staff_id, post_id, saved_at);
CREATE INDEX post_autosaves_by_post ON post_autosaves (post_id);
CREATE INDEX post_autosaves_by_time ON post_autosaves (saved_at);

ALTER TABLE post_revisions ADD COLUMN slug TEXT NOT NULL DEFAULT ''; -- empty: saved before it was recorded
ALTER TABLE post_revisions ADD COLUMN restored_from INTEGER;         -- version that this one restored
