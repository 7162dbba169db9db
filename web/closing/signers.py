"""The names of those who counted or signed, and the numbers of kiosks, for a sheet."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from timebank.kiosks.queries import devices
from timebank.people.queries import staff
from timebank.values import By
from web.reader import gettext as _


@dataclass(frozen=True, slots=True)
class Signers:
    """Names by person, and the number of each kiosk in its store."""

    names: dict[int, str]
    kiosks: dict[int, int]

    def name(self, person_id: int | None, client: str = "") -> str:
        """The whole name of a signer; a number for somebody who is no longer known."""
        if person_id is None:
            return client or _("不知道是谁")
        return self.names.get(person_id) or _("已离岗的同事")

    def kiosk(self, device_id: int) -> str:
        number = self.kiosks.get(device_id)
        return _("第 %(epoch)s 台", epoch=number) if number else _("自助终端")


def signers_of(session: Session, by: By) -> Signers:
    """Everybody who may have signed, and every kiosk."""
    return Signers(
        {member.person_id: member.name for member in staff(session, by.community_id)},
        {device.device_id: device.epoch for device in devices(session, by.community_id)},
    )
