"""Pages that anybody may read: the shelf, the month in figures, a receipt."""
