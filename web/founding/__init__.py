"""The set-up pages: a community is founded in five steps, and the list of what it still lacks."""
