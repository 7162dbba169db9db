"""Lists as files: one page for each list, one for everything."""
