-- How far the list of each span was read. A row is replaced when the span is listed again.
CREATE TABLE listing (
    kind VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    begun_at TIMESTAMP NOT NULL,        -- UTC
    pages_done INTEGER NOT NULL,
    total INTEGER,                      -- declarations, as the port last said
    finished BOOLEAN NOT NULL,
    PRIMARY KEY (kind, first_day)
);

-- Every sync that went through. Rows are only ever added.
CREATE TABLE sync (
    finished_at TIMESTAMP NOT NULL      -- UTC
);
