-- The outbox: every letter the site ever queued, and how far it got.
CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id      TEXT NOT NULL,          -- 128 random bits, kept for life, so a letter sent twice is recognised as one
    recipient       TEXT NOT NULL,
    reply_to        TEXT,
    in_reply_to     TEXT,                   -- Message-ID of the letter it follows, so that mail programs keep the thread
    subject         TEXT NOT NULL,
    inquiry_id      INTEGER,                -- what the letter is about, where it is about an inquiry
    purpose         TEXT NOT NULL DEFAULT 'notification' CHECK (purpose IN ('notification', 'answer', 'auto_reply', 'digest')),
    priority        INTEGER NOT NULL AS (CASE purpose WHEN 'notification' THEN 0 WHEN 'answer' THEN 1 WHEN 'auto_reply' THEN 2
                                                      ELSE 3 END),  -- the smallest is sent first
    mailbox         TEXT NOT NULL DEFAULT '',  -- automatic replies are counted by it: one value for all spellings of an address
    network         TEXT NOT NULL DEFAULT '',  -- a keyed digest of the network that set it off, for a day; counted as well
    state           TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    last_error      TEXT,
    queued_at       TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    expires_at      TEXT NOT NULL,
    first_tried_at  TEXT,                   -- the Date that it carries at every attempt
    dismissed_at    TEXT,                   -- when staff dismissed it after it had failed
    sent_at         TEXT,
    transport         TEXT CHECK (transport IN ('smtp', 'file', 'memory')),  -- a file reaches nobody
    body_text       TEXT NOT NULL,
    body_html       TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state = 'queued';
CREATE INDEX outbox_by_priority ON outbox (priority, next_attempt_at, id) WHERE state = 'queued';
CREATE INDEX outbox_failed ON outbox (inquiry_id) WHERE state = 'failed' AND dismissed_at IS NULL;
CREATE INDEX outbox_in_files ON outbox (id) WHERE transport = 'file';
CREATE INDEX outbox_by_mailbox ON outbox (mailbox, queued_at) WHERE mailbox <> '';
CREATE INDEX outbox_by_network ON outbox (network, queued_at) WHERE network <> '';
CREATE INDEX outbox_by_state ON outbox (state, id DESC);  -- in the order of the admin area's list: failed, queued, sent
CREATE INDEX outbox_by_recipient ON outbox (recipient COLLATE NOCASE);
CREATE INDEX outbox_without_inquiry ON outbox (sent_at) WHERE inquiry_id IS NULL AND state = 'sent';
CREATE INDEX outbox_by_inquiry ON outbox (inquiry_id) WHERE inquiry_id IS NOT NULL;

-- Who may send: one process at a time, and only while it keeps saying so.
CREATE TABLE outbox_lease (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    holder     TEXT NOT NULL,               -- the process, and where it runs
    renewed_at TEXT NOT NULL
) STRICT;

-- Since when the mail server cannot be used, while that is so.
CREATE TABLE mail_outage (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    since    TEXT NOT NULL,
    failures INTEGER NOT NULL,              -- attempts in a row that failed
    retry_at TEXT NOT NULL,
    reason   TEXT NOT NULL                  -- what the server or the system said last
) STRICT;

-- Addresses whose mail server refused a letter for good.
CREATE TABLE bounced_addresses (
    address TEXT PRIMARY KEY COLLATE NOCASE,
    since   TEXT NOT NULL,
    reason  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
