"""The forms of kiosks: pairing, actions on one kiosk, settling reviews."""

from wtforms import DateTimeLocalField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from web.forms import WorkForm
from web.reader import lazy_gettext as _l


class PairingForm(WorkForm):
    """The shop of a new kiosk."""

    store_id = SelectField(_l("放在哪个店"))


class PermitForm(WorkForm):
    """An action on one permit."""

    permit_id = HiddenField()


class DeviceForm(WorkForm):
    """An action on one kiosk, and the reason."""

    device_id = HiddenField()
    why = StringField(_l("原因"), [Length(max=200)])


class SettleForm(WorkForm):
    """A note on how a kiosk's event is settled, and when it took place if staff have asked."""

    happened_at = DateTimeLocalField(_l("问到的时间"), [Optional()])
    note = TextAreaField(_l("说明"), [Length(max=400)])
