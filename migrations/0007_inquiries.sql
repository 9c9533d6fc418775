-- What visitors send, and everything that happened to it since.
CREATE TABLE inquiry_numbers (
    year INTEGER PRIMARY KEY,               -- references are numbered by year, without gaps
    last INTEGER NOT NULL
) STRICT;

CREATE TABLE inquiries (
    id               INTEGER PRIMARY KEY,
    reference        TEXT NOT NULL UNIQUE,  -- IE-2026-000123
    kind             TEXT NOT NULL CHECK (kind IN ('contact', 'apply')),
    state            TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'answered', 'closed')),
    received_at      TEXT NOT NULL,
    state_changed_at TEXT NOT NULL,
    receipt_token    TEXT NOT NULL UNIQUE,  -- 128 bits, hexadecimal
    form_key         TEXT NOT NULL,         -- which showing of the form it came from
    content_hash     TEXT NOT NULL,         -- SHA-256 of all it says, to know the same form sent again
    name             TEXT NOT NULL,
    email            TEXT NOT NULL,
    phone            TEXT NOT NULL,         -- as typed
    whatsapp         TEXT NOT NULL DEFAULT '',
    residence        TEXT NOT NULL DEFAULT '',
    citizenship      TEXT NOT NULL DEFAULT '',
    age              INTEGER,
    program          TEXT NOT NULL DEFAULT '',
    occupation       TEXT NOT NULL DEFAULT '',
    education        TEXT NOT NULL DEFAULT '',
    experience_years INTEGER,
    english_test     TEXT NOT NULL DEFAULT '',
    crs              INTEGER CHECK (crs BETWEEN 1 AND 1200),
    consent_at       TEXT,
    message          TEXT NOT NULL
) STRICT;
CREATE INDEX inquiries_by_content ON inquiries (content_hash);
CREATE INDEX inquiries_by_state ON inquiries (state, received_at);

CREATE TABLE inquiry_events (
    id         INTEGER PRIMARY KEY,
    inquiry_id INTEGER NOT NULL REFERENCES inquiries (id),
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('received', 'state', 'note')),
    note       TEXT NOT NULL
) STRICT;
CREATE INDEX inquiry_events_by_inquiry ON inquiry_events (inquiry_id, id);
