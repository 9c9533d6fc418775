-- Company settings (one row) and static pages.
CREATE TABLE site (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    name           TEXT NOT NULL,
    tagline        TEXT NOT NULL,
    expert_phones  TEXT NOT NULL,          -- one per line, shown under "Talk to expert"
    business_phone TEXT NOT NULL,          -- one per line, shown under "Business Phone"
    contact_time   TEXT NOT NULL,
    email          TEXT NOT NULL DEFAULT '',
    address        TEXT NOT NULL DEFAULT '',
    licence_name   TEXT NOT NULL DEFAULT '',
    licence_number TEXT NOT NULL DEFAULT '',
    staff_inbox    TEXT NOT NULL DEFAULT '',  -- addresses separated by commas; overridden by STAFF_INBOX
    mail_from      TEXT NOT NULL DEFAULT '',  -- overridden by MAIL_FROM
    keep_contact_months   INTEGER NOT NULL DEFAULT 24 CHECK (keep_contact_months BETWEEN 1 AND 120),
    keep_apply_months     INTEGER NOT NULL DEFAULT 24 CHECK (keep_apply_months BETWEEN 1 AND 120),
    keep_quarantined_days INTEGER NOT NULL DEFAULT 30 CHECK (keep_quarantined_days BETWEEN 7 AND 366),
    uuid           TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))), -- source of the IDs in feeds; never changed
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
