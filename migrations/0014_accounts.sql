-- Two-factor authentication, details of sessions, e-mails with secret links, and an audit log that nobody can change.
CREATE TABLE staff_totp (
    staff_id     INTEGER PRIMARY KEY REFERENCES staff (id),
    secret       TEXT NOT NULL,              -- base32, as authenticator apps read it
    confirmed_at TEXT,                       -- first right code; NULL while it is being set up
    last_step    INTEGER NOT NULL DEFAULT 0  -- 30-second step of the last code, so that each code works once
) STRICT;

CREATE TABLE staff_recovery_codes (
    staff_id  INTEGER NOT NULL REFERENCES staff (id),
    code_hash TEXT NOT NULL,                 -- SHA-256
    used_at   TEXT,
    PRIMARY KEY (staff_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_policy (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    totp_required INTEGER NOT NULL DEFAULT 0 CHECK (totp_required IN (0, 1))
) STRICT;
INSERT INTO staff_policy (id) VALUES (1);

ALTER TABLE staff_sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';  -- network of the browser, such as 203.0.113.0/24
ALTER TABLE staff_sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';   -- such as "Firefox on Windows"

-- An e-mail with a secret link is not shown to staff, and its text is not kept once it is sent.
ALTER TABLE outbox ADD COLUMN confidential INTEGER NOT NULL DEFAULT 0 CHECK (confidential IN (0, 1));
CREATE TRIGGER outbox_forget_confidential AFTER UPDATE OF state ON outbox
WHEN new.state = 'sent' AND new.confidential = 1
BEGIN
    UPDATE outbox SET body_text = '', body_html = '' WHERE id = new.id;
END;

ALTER TABLE audit_log ADD COLUMN staff_id INTEGER;                       -- NULL for the command line and visitors
ALTER TABLE audit_log ADD COLUMN address TEXT NOT NULL DEFAULT '';       -- network of the browser, such as 203.0.113.0/24
ALTER TABLE audit_log ADD COLUMN changes TEXT NOT NULL DEFAULT '[]';     -- JSON: [[field, before, after], …]
CREATE INDEX audit_log_by_actor ON audit_log (actor);
CREATE INDEX audit_log_by_time ON audit_log (at, actor);  -- counts entries without reading them

CREATE VIRTUAL TABLE audit_log_fts USING fts5 (
    actor, action, subject, address, changes,
    content = 'audit_log', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO audit_log_fts (audit_log_fts) VALUES ('rebuild');
CREATE TRIGGER audit_log_fts_insert AFTER INSERT ON audit_log
BEGIN
    INSERT INTO audit_log_fts (rowid, actor, action, subject, address, changes)
    VALUES (new.id, new.actor, new.action, new.subject, new.address, new.changes);
END;
CREATE TRIGGER audit_log_fts_delete AFTER DELETE ON audit_log
BEGIN
    INSERT INTO audit_log_fts (audit_log_fts, rowid, actor, action, subject, address, changes)
    VALUES ('delete', old.id, old.actor, old.action, old.subject, old.address, old.changes);
END;

-- Entries of failed sign-ins are the only ones that are counted up and deleted: anybody can cause them.
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
WHEN NOT (old.action = 'failed to sign in' AND new.times = old.times + 1 AND new.id = old.id AND new.at = old.at
          AND new.actor = old.actor AND new.action = old.action AND new.subject = old.subject
          AND new.staff_id IS old.staff_id AND new.address = old.address AND new.changes = old.changes)
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
WHEN old.action <> 'failed to sign in'
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;
-- REPLACE would delete a row without the trigger above.
CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = new.id)
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;
