"""The context of a deed, passed to its action."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.values import By


@dataclass(frozen=True, slots=True)
class Deed:
    """One use case in progress: its unit of work, its actor and its time.

    ``request_id`` is the caller's key: the same client with the same key does nothing twice.
    """

    session: Session
    by: By
    now: datetime
    request_id: str = ""

    @property
    def community_id(self) -> int:
        return self.by.community_id

    def under(self, request_id: str) -> "Deed":
        """The same deed under another request id, for a second posting or for a part of it."""
        return replace(self, request_id=request_id)
