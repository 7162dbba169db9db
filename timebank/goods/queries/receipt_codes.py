"""What the QR code of a receipt contains."""

from sqlalchemy.orm import Session

from timebank.goods.queries.deposits import Deposit
from timebank.goods.rules import receipt_code
from timebank.ledger.queries import leaf_hash_of


def code_of_receipt(session: Session, community_id: int, receipt: Deposit) -> str:
    """The content of a receipt's QR code; empty for a deposit without one.

    A receipt without a posting, or from an older version, contains only its token.
    """
    leaf = leaf_hash_of(session, community_id, receipt.txn_id or 0)
    if not receipt.receipt_token or receipt.txn_id is None or leaf is None:
        return receipt.receipt_token or ""
    return receipt_code(receipt.receipt_token, receipt.txn_id, leaf)
