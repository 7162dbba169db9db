"""Pages about withdrawing goods: claims, hand-over, the counter."""
