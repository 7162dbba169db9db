"""The refusals of deposits and the shelf."""

from timebank.errors import TimebankError


class TooCloseToExpiry(TimebankError):
    code = "TOO_CLOSE_TO_EXPIRY"


class OpenedFood(TimebankError):
    code = "OPENED_FOOD"


class NotAccepted(TimebankError):
    """Goods of this kind are never accepted."""

    code = "NOT_ACCEPTED"


class PreDepositLapsed(TimebankError):
    code = "PRE_DEPOSIT_LAPSED"


class LoanOnly(TimebankError):
    """The item is lent, not given away; without loans nobody can take it home."""

    code = "LOAN_ONLY"


class OutOfStock(TimebankError):
    """Only ``available`` pieces can be promised now."""

    code = "OUT_OF_STOCK"


class JustAnnounced(TimebankError):
    """The donor announced the same at ``announced_at``; the caller wants to be asked first.

    ``deposit_id`` is that one. Nobody is refused: the same without ``once`` is accepted.
    """

    code = "JUST_ANNOUNCED"


class ItemRetired(TimebankError):
    """The item is not taken in from ``since_on`` on; what is on the shelf is issued as before."""

    code = "ITEM_RETIRED"


class StoreInUse(TimebankError):
    """A shop cannot be closed while there are pieces, deposits on their way, or kiosks in it."""

    code = "STORE_IN_USE"


class BarcodeTaken(TimebankError):
    """The barcode was learned for another item."""

    code = "BARCODE_TAKEN"
