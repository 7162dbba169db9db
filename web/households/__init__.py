"""The pages of staff about whole households: enrolment, changes, moves, and their history."""
