"""Dated parameters, the facts that rules may ask about, rule versions and recorded decisions.

Who may take what stands here as data. What is taken, and from where, does not.
"""
