"""The questions about a line of goods: what its kind requires, and the kinds never taken."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import HiddenField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput

from timebank.goods.acceptance import asked_of, never_taken
from timebank.goods.queries import Item
from timebank.policy.rules import MissingParameter, Parameters
from web.goods.words import LACKED, NEVER_TAKEN, REQUIRED
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.units import PartForm

MET, NOT_MET = "met", "not_met"


class AskedForm(PartForm):
    """The part of a line that asks what its kind requires; it asks nothing of other kinds."""

    looked_at = HiddenField()  # What the answer was given for: the kind, and what else is asked.
    looked = SelectField(_l("看一看"), validate_choice=False, default="")
    lacking = SelectMultipleField(
        _l("哪一点没有做到"), validate_choice=False, option_widget=CheckboxInput()
    )
    refused_kind = SelectField(_l("是不是下面哪一种"), validate_choice=False, default="")

    def ask(self, item: Item | None, parameters: Parameters) -> None:
        """Fill the lists for this item; None for what the catalogue does not know."""
        demands, kinds = _rules(item, parameters)
        at = ",".join((item.kind, *item.asked)) if item else ""
        if self.looked_at.data != at:  # Another item was chosen since: ask again.
            self.looked_at.data, self.looked.data, self.lacking.data = at, "", []
        self.looked.choices = [
            SelectChoice("", _("请看一看再选")),
            SelectChoice(MET, _("都做到了")),
            SelectChoice(NOT_MET, _("有的没有做到")),
        ]
        self.lacking.choices = [SelectChoice(name, named(REQUIRED, name)) for name in demands]
        self.refused_kind.choices = [SelectChoice("", _("都不是"))]
        self.refused_kind.choices += [
            SelectChoice(name, named(NEVER_TAKEN, name)) for name in kinds
        ]

    @property
    def asked(self) -> list[str]:
        """The requirements of this line, in words."""
        return [str(choice.label) for choice in self.lacking.choices or ()]

    def answered(self) -> bool:
        """Mark the question that has no answer; tell whether all have one."""
        if not self.asked:
            return True
        if self.looked.data not in (MET, NOT_MET):
            self.looked.errors = [_("请看一看这一样，再选一个。")]
            return False
        if self.looked.data == NOT_MET and not self.told_lacking:
            self.lacking.errors = [_("请选哪一点没有做到。")]
            return False
        return True

    @property
    def told_lacking(self) -> tuple[str, ...]:
        """The requirements that this line does not meet; if there is one, it is that one."""
        known = [str(choice.value) for choice in self.lacking.choices or ()]
        if self.looked.data != NOT_MET:
            return ()
        lacking = known if len(known) == 1 else self.lacking.data or ()
        return tuple(name for name in lacking if name in known)

    @property
    def told_kind(self) -> str | None:
        return self.refused_kind.data or None


def _rules(item: Item | None, parameters: Parameters) -> tuple[Sequence[str], Sequence[str]]:
    """The requirements of an item and the kinds never taken; the deed says if none are set yet."""
    try:
        asked = asked_of(item.kind, parameters, item.asked) if item else ()
        return asked, never_taken(parameters)
    except MissingParameter:
        return (), ()


def named(names: Any, name: str) -> str:
    """The words for a requirement or a kind; a community may have set one of its own."""
    return str(names.get(name, name))


def why_refused(whys: Iterable[str]) -> str:
    """What was wrong with refused goods, and what to do instead, one sentence each."""
    return _("；").join(
        _("这类东西不能转送：%(kind)s", kind=named(NEVER_TAKEN, why))
        if why in NEVER_TAKEN
        else named(LACKED, why)
        for why in whys
    )
