-- Whether a sync got everything. A sync that ran to its end is recorded in any case. Until now only one that had read all
-- lists was.
ALTER TABLE sync ADD COLUMN is_complete BOOLEAN;

UPDATE sync SET is_complete = true;
