"""Who may receive goods, keep the catalogue, and read the shelf of a store."""

from timebank.rights import Right

# A keeper keeps one store: the action asks for its place.
RECEIVE_DEPOSIT = Right("goods.receive_deposit", ("keeper",))
SIGN_CLEANING = Right("goods.sign_cleaning", ("keeper",))
ANNOUNCE_FOR_OTHERS = Right(
    "goods.announce_for_others",
    ("keeper", "grid_worker", "social_worker", "hotline", "coordinator"),
)
LAPSE_ANNOUNCEMENTS = Right("goods.lapse_announcements", ("keeper", "coordinator"))
WATCH_CLEARING = Right("goods.watch_clearing", ("keeper", "coordinator"))
ADD_ITEMS = Right("goods.add_items", ("coordinator",))
ADD_STORES = Right("goods.add_stores", ("coordinator",))
READ_STORE = Right("goods.read_store", ("keeper", "coordinator", "auditor"))
SET_OPENING = Right("goods.set_opening", ("keeper", "coordinator"))
# A keeper proposes; what gives value takes a second person, who is never the one who proposed it.
READ_CATALOGUE = Right("goods.read_catalogue", ("keeper", "coordinator", "approver", "auditor"))
PROPOSE_ITEMS = Right("goods.propose_items", ("keeper", "coordinator"))
DECIDE_ITEMS = Right("goods.decide_items", ("coordinator", "approver"))
