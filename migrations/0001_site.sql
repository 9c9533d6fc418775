-- What the firm says of itself: one row, and the standing pages.
CREATE TABLE site (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    name           TEXT NOT NULL,
    tagline        TEXT NOT NULL,
    expert_phones  TEXT NOT NULL,          -- one a line, as printed under "Talk to expert"
    business_phone TEXT NOT NULL,          -- one a line, as printed under "Business Phone"
    contact_time   TEXT NOT NULL,
    email          TEXT NOT NULL DEFAULT '',
    address        TEXT NOT NULL DEFAULT '',
    licence_name   TEXT NOT NULL DEFAULT '',
    licence_number TEXT NOT NULL DEFAULT '',
    staff_inbox    TEXT NOT NULL DEFAULT '',  -- addresses by comma; STAFF_INBOX goes before it
    mail_from      TEXT NOT NULL DEFAULT '',  -- MAIL_FROM goes before it
    keep_contact_months   INTEGER NOT NULL DEFAULT 24 CHECK (keep_contact_months BETWEEN 1 AND 120),
    keep_apply_months     INTEGER NOT NULL DEFAULT 24 CHECK (keep_apply_months BETWEEN 1 AND 120),
    keep_quarantined_days INTEGER NOT NULL DEFAULT 30 CHECK (keep_quarantined_days BETWEEN 7 AND 366),
    uuid           TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))), -- the ids in feeds come from it; never changed
    version        INTEGER NOT NULL DEFAULT 1,
    updated_at     TEXT NOT NULL
) STRICT;

CREATE TABLE pages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    slug       TEXT NOT NULL UNIQUE,
    title      TEXT NOT NULL,
    summary    TEXT NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1,
    updated_at TEXT NOT NULL,
    body       TEXT NOT NULL
) STRICT;

CREATE TABLE page_revisions (
    slug     TEXT NOT NULL REFERENCES pages (slug),
    version  INTEGER NOT NULL,
    saved_at TEXT NOT NULL,
    saved_by TEXT NOT NULL,
    title    TEXT NOT NULL,
    summary  TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (slug, version)
) STRICT, WITHOUT ROWID;
