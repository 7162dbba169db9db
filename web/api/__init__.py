"""API v1: JSON for programs that act for a person, described in OpenAPI.

It calls the same actions and queries as the pages. Kiosks have addresses of their own in
``web/kiosks``, which are only described here.
"""
