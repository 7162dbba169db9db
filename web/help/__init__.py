"""The help page, the same from every screen."""
