"""Dated parameters, the facts that rules may use, rule versions and recorded decisions.

Policy says who may take what. Not here: what is taken, and from where.
"""
