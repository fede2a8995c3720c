-- How far a sync has read each list. A completed sync deletes all rows.
CREATE TABLE listing (
    kind VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    begun_at TIMESTAMP NOT NULL,        -- UTC
    pages_done INTEGER NOT NULL,
    most INTEGER NOT NULL,              -- the highest number of declarations that the port has given
    finished BOOLEAN NOT NULL,
    PRIMARY KEY (kind, first_day)
);

-- Every completed sync. Rows are only added.
CREATE TABLE sync (
    finished_at TIMESTAMP NOT NULL      -- UTC
);
