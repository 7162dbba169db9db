"""Sheets that bring a community in: read, tried out, signed by a second person, booked as one."""
