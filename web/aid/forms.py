"""The forms of the hand-over: what a visitor shows, and the counter; and of a review."""

from typing import Any

from wtforms import Field, HiddenField, SelectField
from wtforms.validators import InputRequired

from timebank.aid.refusals import NotConfirmed
from timebank.aid.rules import ClaimLine
from timebank.errors import TimebankError
from timebank.goods.rules import PIECES_MAX
from web.forms import SCAN, CodeField, ReasonForm, WorkForm
from web.reader import lazy_gettext as _l
from web.reading import read_id, read_number


class LookForm(WorkForm):
    """What a visitor shows at pick-up: a code or a card."""

    scan = CodeField(
        _l("取物码或服务卡"),
        [InputRequired(_l("请输入取物码，或者扫一下服务卡。"))],
        render_kw=SCAN,
    )

    def field_of(self, name: str) -> Field | None:
        """One field takes both: what was typed is a code, unless it is a card."""
        return super().field_of("scan" if name == "pickup_code" else name)


class CounterForm(WorkForm):
    """The pieces of each item; the fields are named ``pieces-<item>``. Who has come instead."""

    agent = SelectField(_l("谁来的"), validate_choice=False, default="")


class ProofOfComing(WorkForm):
    """The code or the card that a visitor shows at pick-up."""

    pickup_code = CodeField(
        _l("取物码或服务卡"),
        [InputRequired(_l("请输入取物码，或者扫一下服务卡。"))],
        render_kw=SCAN | {"data-scan-stay": True},
    )


class ReviewForm(ReasonForm):
    """The answer to a claim in review. ``agreed`` holds what the page said it would give.

    At first that is all that was asked. If less can be given, the page says so, and the same button
    agrees to it.
    """

    agreed = HiddenField()

    def refuse(self, refusal: TimebankError) -> None:
        """Keep what can be given: the next press agrees to that."""
        super().refuse(refusal)
        if isinstance(refusal, NotConfirmed):
            facts: Any = refusal.facts
            given = [f"{fact['item_id']}-{fact['approved']}" for fact in facts["lines"]]
            self.agreed.data = " ".join(given)

    def told_agreed(self) -> tuple[ClaimLine, ...]:
        """What was agreed to; empty for all that was asked. What is no number agrees to nothing."""
        agreed = []
        for text in (self.agreed.data or "").split():
            item, _, pieces = text.partition("-")
            # Nothing of item 0 can be given, so what cannot be read never stands for all of it.
            agreed.append(ClaimLine(read_id(item) or 0, read_number(pieces, PIECES_MAX) or 0))
        return tuple(agreed)
