-- How far the lists of a sync that is not through yet were read. Emptied by one that is.
CREATE TABLE listing (
    kind VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    begun_at TIMESTAMP NOT NULL,        -- UTC
    pages_done INTEGER NOT NULL,
    most INTEGER NOT NULL,              -- declarations in the list, the most that the port said
    finished BOOLEAN NOT NULL,
    PRIMARY KEY (kind, first_day)
);

-- Every sync that went through. Rows are only ever added.
CREATE TABLE sync (
    finished_at TIMESTAMP NOT NULL      -- UTC
);
