"""The gallery: every component on its own, in both languages; what checks run over."""
