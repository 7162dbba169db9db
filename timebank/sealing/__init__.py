"""The log of the books: a tree that only grows, and checkpoints that others remember."""
