"""The web: pages in two languages over the books of one community.

A view calls one action or some queries and draws a page. No rule of the community and no
statement of the database stands here.
"""
