-- Staff accounts, set-up links, sessions and the audit log.
CREATE TABLE staff (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    email          TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name           TEXT NOT NULL,
    role           TEXT NOT NULL CHECK (role IN ('writer', 'publisher', 'admin')),
    password_hash  TEXT,                    -- argon2id, PHC string; NULL until the set-up link was used
    active         INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at     TEXT NOT NULL,
    last_signed_in TEXT
) STRICT;

CREATE TABLE staff_invitations (
    token_hash TEXT PRIMARY KEY,            -- SHA-256 of the token in the link
    staff_id   INTEGER NOT NULL REFERENCES staff (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX staff_invitations_by_staff ON staff_invitations (staff_id);

CREATE TABLE staff_sessions (
    token_hash   TEXT PRIMARY KEY,          -- SHA-256 of the cookie value
    staff_id     INTEGER NOT NULL REFERENCES staff (id),
    created_at   TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    flash        TEXT                       -- message shown once on the next page
) STRICT;
CREATE INDEX staff_sessions_by_staff ON staff_sessions (staff_id);

CREATE TABLE audit_log (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,                  -- name of the staff member, "command line" or "anonymous"
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    times   INTEGER NOT NULL DEFAULT 1      -- failed sign-ins of one hour share an entry
) STRICT;
-- Anybody can cause these entries, so their number is limited and they are deleted after 90 days.
CREATE INDEX audit_log_failed_sign_ins ON audit_log (at) WHERE action = 'failed to sign in';
