"""Who completes what somebody has registered by themselves."""

from timebank.rights import Right

# Grid workers for the buildings of their grid only: the action asks for the place.
COMPLETE = Right("joining.complete", ("coordinator", "social_worker", "grid_worker"))
READ_OFFERS = Right("joining.read_offers", ("coordinator", "social_worker", "grid_worker"))
"""What volunteers can do and when, to ask the right one."""
FORGET = Right("joining.forget", ("coordinator",))
"""A job, some time after somebody registered and did not come."""
