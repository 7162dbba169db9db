"""What an action is told about the deed that it carries out."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.values import By


@dataclass(frozen=True, slots=True)
class Deed:
    """One use case that is being carried out: in which unit of work, by whom, when.

    ``request_id`` is the caller's key: the same client with the same key does nothing twice.
    It is empty where nothing is posted or repeated, such as a sign-in.
    """

    session: Session
    by: By
    now: datetime
    request_id: str = ""

    @property
    def community_id(self) -> int:
        return self.by.community_id

    def under(self, request_id: str) -> "Deed":
        """Give the same deed under another request id, for a second posting or a part of it."""
        return replace(self, request_id=request_id)
