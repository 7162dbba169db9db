"""Messages: everybody's inbox, and for staff whom to call."""
