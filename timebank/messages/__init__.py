"""Messages to people: an inbox for everybody; e-mail, SMS and a call list outside it."""
