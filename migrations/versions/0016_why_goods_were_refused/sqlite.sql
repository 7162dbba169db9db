ALTER TABLE deposit_line ADD COLUMN refuse_why TEXT
