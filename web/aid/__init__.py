"""The store keeper's pages: what comes in, what goes out, what lies there."""
