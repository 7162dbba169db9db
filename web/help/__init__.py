"""Where to find help: the same page from every screen."""
