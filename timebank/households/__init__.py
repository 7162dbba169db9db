"""Households over time: one enrolment for everything that a household begins with, and moves.

It joins people with what they took and give. What is known of them stands in ``people``, what
counts for their quota in ``aid``.
"""
