-- Replies of visitors by e-mail. The text of a reply is the note of its event (kind 'answer', actor 'visitor' or
-- 'unknown sender'), so that search, history and retention treat it like an answer of staff.
CREATE TABLE inquiry_replies (
    event_id    INTEGER PRIMARY KEY REFERENCES inquiry_events (id),
    inquiry_id  INTEGER NOT NULL REFERENCES inquiries (id),
    message_key TEXT NOT NULL,                -- Message-ID, or the SHA-256 of a message without one: each is added once
    message_id  TEXT,                         -- Message-ID, for the headers of our next e-mail
    sender      TEXT NOT NULL,                -- address of the sender
    is_other_address INTEGER NOT NULL CHECK (is_other_address IN (0, 1)), -- not the address of the inquiry
    subject     TEXT NOT NULL,
    quoted      TEXT NOT NULL,                -- quoted text of earlier e-mails
    attachments TEXT NOT NULL CHECK (json_valid(attachments)) -- array of name and size in bytes; the files are not stored
) STRICT;
CREATE UNIQUE INDEX inquiry_replies_by_message ON inquiry_replies (inquiry_id, message_key);
-- Personal data requests also find the inquiries that an address replied to.
CREATE INDEX inquiry_replies_by_sender ON inquiry_replies (sender COLLATE NOCASE);
CREATE TRIGGER inquiry_replies_delete BEFORE DELETE ON inquiry_events BEGIN
    DELETE FROM inquiry_replies WHERE event_id = old.id;
END;

-- Time of the visitor's first reply since the last answer of staff; NULL if no reply waits for an answer.
ALTER TABLE inquiries ADD COLUMN visitor_replied_at TEXT;

-- Finds the inquiry of a returned e-mail.
CREATE INDEX outbox_by_message_id ON outbox (message_id);
