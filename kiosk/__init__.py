"""The touch screen in the shop: a local agent with its own outbox on disk."""
