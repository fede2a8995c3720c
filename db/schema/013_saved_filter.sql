-- The filters that the operator has given a name. A name occurs once.
CREATE TABLE saved_filter (
    name VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    saved_at TIMESTAMP NOT NULL         -- UTC
);

-- The filters that were used last, each once.
CREATE TABLE filter_history (
    text VARCHAR NOT NULL,
    used_at TIMESTAMP NOT NULL          -- UTC
);
