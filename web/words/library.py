"""Our texts for the messages of WTForms, so that none of its own reaches a page."""

from collections.abc import Mapping

from web.reader import LazyString
from web.reader import lazy_gettext as _l

_CHOOSE = _l("请从列出的选项中选一个。")
_AGAIN = _l("这一格没有看懂，请重新填写。")
_LONG = _l("太长了，最多 %(max)d 个字。")
_SHORT = _l("太短了，至少要 %(min)d 个字。")
_STALE = _l("这一页放得有点久了，请刷新后再填一次。")
# Lengths, bounds and names of other fields keep the placeholder that WTForms fills.
MESSAGES: Mapping[str, LazyString] = {
    "'%(value)s' is not a valid choice for this field.": _CHOOSE,
    "CSRF failed.": _STALE,
    "CSRF token expired.": _STALE,
    "CSRF token missing.": _STALE,
    "Choices cannot be None.": _CHOOSE,
    "Date must be at least %(min)s.": _l("日期不能早于 %(min)s。"),
    "Date must be at most %(max)s.": _l("日期不能晚于 %(max)s。"),
    "Date must be between %(min)s and %(max)s.": _l("日期要在 %(min)s 到 %(max)s 之间。"),
    "Field cannot be longer than %(max)d character.": _LONG,
    "Field must be at least %(min)d character long.": _SHORT,
    "Field must be between %(min)d and %(max)d characters long.": _l(
        "请写 %(min)d 到 %(max)d 个字。"
    ),
    "Field must be equal to %(other_name)s.": _l("两次输入的不一样，请再输一次。"),
    "Field must be exactly %(max)d character long.": _l("要正好 %(max)d 个字。"),
    "Invalid CSRF Token.": _STALE,
    "Invalid Choice: could not coerce.": _CHOOSE,
    "Invalid IP address.": _AGAIN,
    "Invalid Mac address.": _AGAIN,
    "Invalid URL.": _AGAIN,
    "Invalid UUID.": _AGAIN,
    "Invalid choice(s): one or more data inputs could not be coerced.": _CHOOSE,
    "Invalid email address.": _AGAIN,
    "Invalid field name '%s'.": _l("没有“%s”这一格。"),
    "Invalid input.": _AGAIN,
    "Invalid value, can't be any of: %(values)s.": _CHOOSE,
    "Invalid value, must be one of: %(values)s.": _CHOOSE,
    "Not a valid choice.": _CHOOSE,
    "Not a valid date value.": _l("请写年、月、日，例如 2026-06-10。"),
    "Not a valid datetime value.": _l("请写日期和时间，例如 2026-06-10 09:30。"),
    "Not a valid decimal value.": _l("请只写数字，例如 12.5。"),
    "Not a valid float value.": _l("请只写数字，例如 12.5。"),
    "Not a valid integer value.": _l("请只写数字，不要写字母和符号。"),
    "Not a valid time value.": _l("请写几点几分，例如 09:30。"),
    "Not a valid week value.": _AGAIN,
    "Number must be at least %(min)s.": _l("不能少于 %(min)s。"),
    "Number must be at most %(max)s.": _l("不能多于 %(max)s。"),
    "Number must be between %(min)s and %(max)s.": _l("请填写 %(min)s 到 %(max)s 之间的数。"),
    "This field cannot be edited.": _l("这一格不能改。"),
    "This field is disabled and cannot have a value.": _l("这一格不能填。"),
    "This field is required.": _l("请填写这一格。"),
}


class LibraryWords:
    """Answers WTForms where it asks for the translation of a message."""

    def gettext(self, message: str) -> str:
        return str(MESSAGES.get(message, _AGAIN))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular)
