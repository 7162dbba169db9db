"""Who may upload a sheet, sign it as the second person, and take it back."""

from timebank.rights import Right

READ = Right("imports.read", ("coordinator", "approver"))
UPLOAD = Right("imports.upload", ("coordinator",))
# By another person than the one who uploaded it: the action sees to it.
SIGN = Right("imports.sign", ("coordinator", "approver"))
FORGET = Right("imports.forget", ("coordinator",))
