"""Pages about people: sign-in, cards, papers, households, and one's own card."""
