-- Every action and its outcome. Rows are only added.
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

-- The resends. Each is written before it is sent.
CREATE TABLE resend (
    id VARCHAR PRIMARY KEY,
    entry_ids VARCHAR[] NOT NULL,
    put_at TIMESTAMP NOT NULL           -- UTC
);

-- Their outcomes. Rows are only added. A resend without a row has no answer.
CREATE TABLE resend_answer (
    resend_id VARCHAR PRIMARY KEY,
    state VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    answered_at TIMESTAMP NOT NULL      -- UTC
);
