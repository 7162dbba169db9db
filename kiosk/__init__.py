"""The kiosk: a touch screen in the shop, run by a local agent with its own outbox on disk."""
