-- What was done and how it ended. Rows are only ever added.
CREATE SEQUENCE journal_id;

CREATE TABLE journal (
    id BIGINT PRIMARY KEY DEFAULT nextval('journal_id'),
    written_at TIMESTAMP NOT NULL,      -- UTC
    kind VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    entry_ids VARCHAR[] NOT NULL,
    message VARCHAR NOT NULL,
    detail VARCHAR NOT NULL             -- JSON
);

-- Resends, each written before it is sent.
CREATE TABLE resend (
    id VARCHAR PRIMARY KEY,
    entry_ids VARCHAR[] NOT NULL,
    put_at TIMESTAMP NOT NULL           -- UTC
);

-- What became of them. Rows are only ever added; a resend without one was never answered.
CREATE TABLE resend_answer (
    resend_id VARCHAR PRIMARY KEY,
    state VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    answered_at TIMESTAMP NOT NULL      -- UTC
);
