-- Pictures for shared links, drawn in the background. They can be deleted at any time and are drawn again.
CREATE TABLE share_cards (
    key     TEXT PRIMARY KEY,               -- page, such as 'draw-252'
    hash    TEXT NOT NULL,                  -- of everything that the picture shows
    content BLOB NOT NULL                   -- PNG
) STRICT;

-- Changes up to this time (UTC) were reported to search engines by IndexNow.
CREATE TABLE indexnow_state (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    reported_until TEXT NOT NULL
) STRICT;
