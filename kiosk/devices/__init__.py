"""Hardware beside the screen. Today: what a scanner types."""
