-- Why the detail of a declaration could not be fetched the last time. The row is deleted when the detail arrives.
CREATE TABLE detail_failure (
    entry_id VARCHAR PRIMARY KEY,
    failed_at TIMESTAMP NOT NULL,       -- UTC
    code VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    hint VARCHAR NOT NULL
);
