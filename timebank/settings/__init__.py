"""Change the dated parameters of a community: proposed by one person, confirmed by another.

Not here: what a parameter means, and the rows in force (``policy``).
"""
