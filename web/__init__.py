"""The web: pages in two languages over the books of one community.

A view calls one action or some queries and renders a page. It contains no rules of the community
and no SQL.
"""
