-- The full pinyin of the Chinese texts that filters search: `text` is a value of a column `…_search`, `letters` has its
-- pinyin without tones and blanks, one text a line (db/pinyin.py). Rows are only added.
CREATE TABLE pinyin (
    text VARCHAR NOT NULL,
    letters VARCHAR NOT NULL
);
