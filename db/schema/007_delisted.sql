-- When the port's list was first found to lack the declaration (UTC). NULL while the port lists it.
ALTER TABLE declaration ADD COLUMN delisted_at TIMESTAMP;

-- The number of the newest list reading that contained the declaration. NULL: none has, since there is this column.
ALTER TABLE declaration ADD COLUMN listed_in INTEGER;

-- The number of the newest list reading, in one row. A reading is a sync, a query by date or the list of a download.
CREATE TABLE list_reading (
    number INTEGER NOT NULL
);

INSERT INTO list_reading VALUES (0);

-- An interrupted sync of an older program is not continued: it did not note which declarations its pages contained.
DROP TABLE listing;

-- How far a sync has read each list. A completed sync deletes all rows.
CREATE TABLE listing (
    kind VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    reading INTEGER NOT NULL,
    begun_at TIMESTAMP NOT NULL,        -- UTC
    pages_done INTEGER NOT NULL,
    most INTEGER NOT NULL,              -- the highest number of declarations that the port has given
    has_rejected BOOLEAN NOT NULL,      -- it has rows that could not be used
    finished BOOLEAN NOT NULL,
    PRIMARY KEY (kind, first_day)
);
