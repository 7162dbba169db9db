"""The forms of kiosks: pairing, actions on one kiosk, settling reviews."""

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from web.forms import WorkForm
from web.reader import lazy_gettext as _l


class PairingForm(WorkForm):
    """The shop of a new kiosk."""

    store_id = SelectField(_l("放在哪个店"))


class DeviceForm(WorkForm):
    """An action on one kiosk, and the reason."""

    device_id = HiddenField()
    why = StringField(_l("原因"), [Length(max=200)])


class SettleForm(WorkForm):
    """A note on how a kiosk's event is settled."""

    note = TextAreaField(_l("说明"), [Length(max=400)])
