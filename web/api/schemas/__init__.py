"""The shapes of API v1, in and out; the OpenAPI document is made from them.

Ids are text. Names that end in ``_at`` are instants in UTC, in ``_on`` local days.
"""
