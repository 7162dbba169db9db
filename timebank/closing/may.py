"""Who may open, count and sign the day of a store."""

from timebank.rights import Right

# Each is asked for the place of the store; counting and signing take two people.
OPEN_DAY = Right("closing.open_day", ("keeper", "coordinator"))
COUNT_DAY = Right("closing.count_day", ("keeper",))
SIGN_DAY = Right("closing.sign_day", ("keeper", "coordinator"))
READ_DAY = Right("closing.read_day", ("keeper", "coordinator", "auditor"))
