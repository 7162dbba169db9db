"""The forms of the hand-over: what a visitor shows, and the counter."""

from wtforms.validators import InputRequired

from web.forms import SCAN, CodeField, WorkForm
from web.reader import lazy_gettext as _l


class LookForm(WorkForm):
    """What a visitor shows at pick-up: a code or a card."""

    scan = CodeField(
        _l("取物码或服务卡"),
        [InputRequired(_l("请输入取物码，或者扫一下服务卡。"))],
        render_kw=SCAN,
    )


class CounterForm(WorkForm):
    """The pieces of each item; the fields are named ``pieces-<item>``."""


class ProofOfComing(WorkForm):
    """The code or the card that a visitor shows at pick-up."""

    pickup_code = CodeField(
        _l("取物码或服务卡"),
        [InputRequired(_l("请输入取物码，或者扫一下服务卡。"))],
        render_kw=SCAN | {"data-scan-stay": True},
    )
