"""A person's own pages: the passbook and what he can do today."""
