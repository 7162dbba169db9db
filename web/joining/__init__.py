"""Joining: everybody registers on the open pages, the counter completes it."""
