"""Thank a donor: honour with a receipt, or points without one."""

from timebank.deeds.deed import Deed
from timebank.goods.rules import AS_POINTS, points_of
from timebank.ledger.accounts import accounts_named
from timebank.ledger.actions import ensure_account
from timebank.ledger.queries import AccountName
from timebank.ledger.rules import Move
from timebank.people.queries.merged import kept_ids
from timebank.values import HONOUR, POINTS


def thank(deed: Deed, donor: tuple[str, int], *, thanks: str, value_yuan: int) -> Move:
    """Credit honour if a receipt was chosen, otherwise points; never both.

    **Units**: one honour or one point per yuan of value. **Source**: domain.md C.2.
    """
    counted, amount = HONOUR, value_yuan
    if thanks == AS_POINTS:
        counted, amount = POINTS, points_of(thanks, value_yuan)
    kind, owner_id = donor
    if kind == "person":
        owner_id = kept_ids(deed.session, deed.community_id, [owner_id], lock=True)[owner_id]
    source = AccountName("thanks", counted)
    destination = AccountName(kind, counted, owner_id)
    known = accounts_named(deed.session, deed.community_id, [source, destination])
    if source not in known:
        known[source] = ensure_account(deed.session, deed.community_id, "thanks", counted)
    if destination not in known:
        known[destination] = ensure_account(
            deed.session, deed.community_id, kind, counted, owner_id=owner_id, floor=0
        )
    return Move(known[source], known[destination], amount)
