"""Pages about goods: deposits, their intake, and the shelf."""
