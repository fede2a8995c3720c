-- The last state of this cache that was recorded in its state file (db/state_recorder.py), in one row.
CREATE TABLE recorded_state (
    counter BIGINT NOT NULL,            -- how often a state was recorded
    mark VARCHAR NOT NULL,              -- random, of this record
    previous_mark VARCHAR NOT NULL      -- of the record before it
);

INSERT INTO recorded_state VALUES (0, '', '');

-- The entries of the journal that the operator has not confirmed yet.
CREATE TABLE unconfirmed_entry (
    journal_id BIGINT PRIMARY KEY
);
