"""The form of a shortfall on the worklist."""

from wtforms import TextAreaField
from wtforms.validators import Length

from timebank.errors import TimebankError
from timebank.ledger.refusals import AboveCeiling, InsufficientBalance
from web.forms import WorkForm
from web.reader import gettext as _
from web.reader import lazy_gettext as _l


class ShortfallForm(WorkForm):
    """The reason why the community bears a shortfall."""

    note = TextAreaField(_l("原因"), [Length(max=400)])

    def refuse(self, refusal: TimebankError) -> None:
        """Say what to do about the fact; its amount cannot be reduced."""
        super().refuse(refusal)
        if isinstance(refusal, InsufficientBalance | AboveCeiling):
            self.form_errors = [_("这个账户现在还补不了。可以过些日子再来补，或者由社区承担。")]
