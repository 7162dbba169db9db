"""What would otherwise be a guide: each habit of the house as a check that can fail.

Every check is a plain function from sources to a list of faults, so that a planted bad
sample shows it at work.
"""
