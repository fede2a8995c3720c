-- When the last resend was written (UTC), if its outcome is unknown and the operator has not resolved it. Otherwise NULL.
-- Refused resends do not count.
ALTER TABLE declaration ADD COLUMN resend_unknown_at TIMESTAMP;

UPDATE declaration SET resend_unknown_at = last.put_at
FROM (
    SELECT entry_id, max(put_at) AS put_at, arg_max(state, put_at) AS state
    FROM (
        SELECT unnest(resend.entry_ids) AS entry_id, resend.put_at, answer.state
        FROM resend JOIN resend_answer AS answer ON answer.resend_id = resend.id
        WHERE answer.state <> 'refused'
    )
    GROUP BY entry_id
) AS last
WHERE declaration.entry_id = last.entry_id AND last.state = 'unknown';
