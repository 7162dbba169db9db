"""Pages about the close of a store's day: the count, the signatures, the sheet."""
