"""Who may read the trial balance and the state of the log."""

from timebank.rights import Right

READ_BOOKS = Right("sealing.read_books", ("coordinator", "accountant", "auditor"))
