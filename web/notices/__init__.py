"""Notices: read by everybody, written by staff."""
