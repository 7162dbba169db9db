"""Joining: somebody registers by themselves, and the counter completes it against the document."""
