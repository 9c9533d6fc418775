-- Outbox: every e-mail with its delivery state.
CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id      TEXT NOT NULL,          -- the same on every attempt, so that a duplicate is recognised
    recipient       TEXT NOT NULL,
    reply_to        TEXT,
    in_reply_to     TEXT,                   -- Message-ID of the e-mail that it follows, so that mail programs show one thread
    subject         TEXT NOT NULL,
    inquiry_id      INTEGER,                -- the inquiry that it is about
    purpose         TEXT NOT NULL DEFAULT 'notification' CHECK (purpose IN ('notification', 'answer', 'auto_reply', 'digest')),
    priority        INTEGER NOT NULL AS (CASE purpose WHEN 'notification' THEN 0 WHEN 'answer' THEN 1 WHEN 'auto_reply' THEN 2
                                                      ELSE 3 END),  -- the lowest is sent first
    mailbox         TEXT NOT NULL DEFAULT '',  -- key for counting automatic replies, equal for all spellings of an address
    network_hash    TEXT NOT NULL DEFAULT '',  -- keyed hash of the visitor's network for counting, deleted after a day
    state           TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    last_error      TEXT,
    queued_at       TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    expires_at      TEXT NOT NULL,
    first_tried_at  TEXT,                   -- the Date header of every attempt
    dismissed_at    TEXT,                   -- when staff dismissed the failed e-mail
    sent_at         TEXT,
    transport       TEXT CHECK (transport IN ('smtp', 'file', 'memory')),  -- an e-mail saved to a file reaches nobody
    body_text       TEXT NOT NULL,
    body_html       TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_by_priority ON outbox (priority, next_attempt_at, id) WHERE state = 'queued';
CREATE INDEX outbox_failed ON outbox (inquiry_id) WHERE state = 'failed' AND dismissed_at IS NULL;
CREATE INDEX outbox_in_files ON outbox (id) WHERE transport = 'file';
CREATE INDEX outbox_by_mailbox ON outbox (mailbox, queued_at) WHERE mailbox <> '';
CREATE INDEX outbox_by_network_hash ON outbox (network_hash, queued_at) WHERE network_hash <> '';
CREATE INDEX outbox_by_state ON outbox (state, id DESC);  -- order of the admin page: failed, queued, sent
CREATE INDEX outbox_by_recipient ON outbox (recipient COLLATE NOCASE);
CREATE INDEX outbox_without_inquiry ON outbox (sent_at) WHERE inquiry_id IS NULL AND state = 'sent';
CREATE INDEX outbox_by_inquiry ON outbox (inquiry_id) WHERE inquiry_id IS NOT NULL;

-- Current outage of the mail server, if any.
CREATE TABLE mail_outage (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    since    TEXT NOT NULL,
    failures INTEGER NOT NULL,              -- failed attempts in a row
    retry_at TEXT NOT NULL,
    reason   TEXT NOT NULL                  -- last error
) STRICT;

-- Addresses that their mail server rejected permanently.
CREATE TABLE bounced_addresses (
    address TEXT PRIMARY KEY COLLATE NOCASE,
    since   TEXT NOT NULL,
    reason  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
