-- Copies that are outdated: the port has changed the data after the file was downloaded or the declaration printed here.
-- When the change was noticed (UTC). NULL while the last file or print is as the port has it, or if there is none.
ALTER TABLE declaration ADD COLUMN file_outdated_at TIMESTAMP;
ALTER TABLE declaration ADD COLUMN print_outdated_at TIMESTAMP;

-- When the list last changed the row, so that its detail became due (UTC).
ALTER TABLE declaration ADD COLUMN row_changed_at TIMESTAMP;

-- The last print here (UTC). Those of an older program are in the journal.
ALTER TABLE declaration ADD COLUMN printed_at TIMESTAMP;

UPDATE declaration SET printed_at = last.written_at
FROM (
    SELECT entry_id, max(written_at) AS written_at
    FROM (
        SELECT unnest(entry_ids) AS entry_id, written_at FROM journal WHERE kind = 'print' AND outcome = 'done'
    )
    GROUP BY entry_id
) AS last
WHERE declaration.entry_id = last.entry_id;
