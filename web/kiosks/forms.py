"""The forms of kiosks: pairing, deeds on one kiosk, settling what was not posted."""

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from web.forms import WorkForm
from web.reader import lazy_gettext as _l


class PairingForm(WorkForm):
    """The shop that a new kiosk will stand in."""

    store_id = SelectField(_l("放在哪个店"))


class DeviceForm(WorkForm):
    """A deed on one kiosk, and why."""

    device_id = HiddenField()
    why = StringField(_l("原因"), [Length(max=200)])


class SettleForm(WorkForm):
    """A word on how a kiosk's deed is settled."""

    note = TextAreaField(_l("说明"), [Length(max=400)])
