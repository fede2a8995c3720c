-- What the port's list said of a declaration and the program could not read, as JSON, like `unread` in `head`.
ALTER TABLE declaration ADD COLUMN row_unread VARCHAR DEFAULT '{}';
