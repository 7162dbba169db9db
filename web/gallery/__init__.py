"""The gallery: every component alone, in both languages; the browser tests check it."""
