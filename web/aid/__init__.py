"""Pages about withdrawing goods: claims, handing over, the counter."""
