"""API v1: what machines may ask and file for a person, as JSON, described in OpenAPI.

It calls the same actions and queries as the pages; kiosks have addresses of their own in
``web/kiosks``, which are only described here.
"""
