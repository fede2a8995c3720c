-- What the clerk notes about a declaration. No sync changes it. NULL: nothing is noted.
ALTER TABLE declaration ADD COLUMN filed_month VARCHAR;         -- 申报年月, yyyymm
ALTER TABLE declaration ADD COLUMN filed_batch VARCHAR;         -- 申报批次
ALTER TABLE declaration ADD COLUMN collected_on DATE;           -- 收汇日期
ALTER TABLE declaration ADD COLUMN note VARCHAR;                -- one line
