ALTER TABLE deposit_line ADD COLUMN refuse_why VARCHAR(200)
