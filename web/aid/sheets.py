"""Claims as files: those of the community for staff, those of one's own household."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy.orm import Session

from timebank.aid.queries import claims_in_parts, claims_of_household
from timebank.goods.queries import stores
from timebank.people import may as people
from timebank.people.queries import briefs, household_briefs
from timebank.people.sight import reaches
from timebank.values import By
from web.formats import own_name
from web.people.sight import shown_name
from web.reader import language
from web.reader import lazy_gettext as _l
from web.sheets import AT_ONCE, Asked, ListSheet, Row, in_parts
from web.wording import Names
from web.words.common import CHANNELS

STATES: Names = {
    "review": _l("工作人员正在看"),
    "refused": _l("这次没有领到"),
    "ready": _l("可以来取"),
    "issued": _l("已领取"),
    "lapsed": _l("没有来取，已放回货架"),
    "cancelled": _l("已取消"),
}


def _claims(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """The claims of the households whose pages the reader may open, newest first."""
    shops = {one.id: one for one in stores(session, by.community_id)}
    before = None
    while part := claims_in_parts(session, by.community_id, limit=AT_ONCE, before=before):
        homes = household_briefs(session, by.community_id, {one.household_id for one in part})
        people_ = briefs(session, by.community_id, {one.person_id for one in part})
        for claim in part:
            home, shop = homes[claim.household_id], shops[claim.store_id]
            if reaches(by, people.SEARCH, home.grid_id, store_place_id=shop.place_id):
                name = shown_name(by, people_[claim.person_id])
                yield (
                    claim.claim_no, home.household_no, name, own_name(shop, language()),
                    str(CHANNELS.get(claim.channel, claim.channel)),
                    str(STATES.get(claim.state, claim.state)), claim.asked_at, claim.asked_pieces,
                    claim.approved_pieces, claim.issued_at,
                )  # fmt: skip
        before = (part[-1].id,)


def _mine(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """The claims of one's household, a row for each item."""
    if by.household_id is None:
        return
    read = partial(claims_of_household, session, by.community_id, by.household_id, limit=AT_ONCE)
    for one in in_parts(lambda before: read(before=before), lambda it: (it.id,)):
        for line in one.lines:
            state = str(STATES.get(one.state, one.state))
            counts = line.asked, line.approved
            yield (
                one.claim_no, state, one.asked_at, own_name(line, language()), *counts,
                one.issued_at,
            )  # fmt: skip


CLAIMS = ListSheet(
    name="claims", title=_l("申领"), page="work.sheets", right=people.SEARCH, rows=_claims,
    headings=(
        _l("申领号"), _l("户号"), _l("申领人"), _l("店"), _l("从哪里"), _l("状况"),
        _l("申领时间"), _l("要的件数"), _l("同意件数"), _l("领走的时间"),
    ),
)  # fmt: skip
MY_CLAIMS = ListSheet(
    name="my-claims", title=_l("我的申领和预约"), page="me.take_claims", rows=_mine,
    headings=(
        _l("申领号"), _l("状况"), _l("申领时间"), _l("物品"), _l("要的件数"), _l("同意件数"),
        _l("领走的时间"),
    ),
)  # fmt: skip
