-- When each of the port's lists was last read to its end and compared with the cache.
CREATE TABLE list_read (
    kind VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    read_at TIMESTAMP NOT NULL,         -- UTC
    PRIMARY KEY (kind, first_day)
);
