"""Somebody registers by themselves at a kiosk: asked and answered at once, never offline."""

import msgspec


class JoinAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody typed and agreed to. The same ``event_id`` again gets the same answer."""

    event_id: str
    name: str
    birth_on: str
    phone: str
    building_no: int | None = None
    language: str = "zh"
    notice_version: int
    guardian_name: str = ""
    guardian_phone: str = ""
    is_volunteer: bool = False
    service_ids: tuple[int, ...] = ()
    times: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show nobody: a fault may print this value into a log."""
        return "JoinAsked()"


class JoinFiled(msgspec.Struct, frozen=True):
    """The number to write down, and the last day on which it is worth coming."""

    registration_no: str
    until_on: str
