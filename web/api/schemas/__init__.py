"""The schemas of API v1, in and out; the OpenAPI document is generated from them.

Ids are strings. Names that end in ``_at`` are instants in UTC, in ``_on`` local days.
"""
