"""Hardware beside the screen. Today: the scanner, which acts as a keyboard."""
