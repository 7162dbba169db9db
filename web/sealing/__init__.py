"""Pages about the books: the trial balance, and what they prove of a receipt."""
