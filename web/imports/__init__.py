"""Pages on which a sheet is brought in."""
