-- The keys by which columns with Chinese text are sorted (db/sort_keys.py). They are NULL in the rows of an older
-- program, until `fill_sort_keys` fills them when the cache is opened.
ALTER TABLE declaration ADD COLUMN port_sort VARCHAR;
ALTER TABLE declaration ADD COLUMN state_sort VARCHAR;
ALTER TABLE declaration ADD COLUMN country_sort VARCHAR;
ALTER TABLE declaration ADD COLUMN consignor_sort VARCHAR;
ALTER TABLE declaration ADD COLUMN trade_sort VARCHAR;
ALTER TABLE declaration ADD COLUMN goods_sort VARCHAR;

-- Empty until the detail arrives, like the columns that they sort.
ALTER TABLE declaration ALTER COLUMN country_sort SET DEFAULT '';
ALTER TABLE declaration ALTER COLUMN consignor_sort SET DEFAULT '';
ALTER TABLE declaration ALTER COLUMN trade_sort SET DEFAULT '';
ALTER TABLE declaration ALTER COLUMN goods_sort SET DEFAULT '';
