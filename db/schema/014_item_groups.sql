-- What items are grouped by, and whether an item is the first of its declaration in its group (db/item_groups.py): so
-- declarations are counted in one pass. NULL in the items of an older program, until `fill_item_groups` fills them.
ALTER TABLE item ADD COLUMN chapter VARCHAR;
ALTER TABLE item ADD COLUMN first_of_chapter BOOLEAN;
ALTER TABLE item ADD COLUMN first_of_name BOOLEAN;
ALTER TABLE item ADD COLUMN first_of_currency BOOLEAN;
