"""The reader's preferences: language, text size, contrast; stored in plain cookies.

The sentences are in the templates and the catalogue. Nothing here depends on a person.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, g, redirect, request
from flask_babel import Babel, LazyString, refresh
from wtforms.i18n import messages_path

from timebank.errors import NotFound
from web.auth import open_to_all
from web.mounting import here, root
from web.security import give_cookie, sent_cookie

LANGUAGES = {"zh": "中文", "en": "English"}
SIZES = ("normal", "large", "largest")
CONTRASTS = ("normal", "high")
_CHOICES = {"language": tuple(LANGUAGES), "text": SIZES, "contrast": CONTRASTS}
_YEAR_SECONDS = 365 * 24 * 3600
_TRANSLATIONS = Path(__file__).parent / "translations"

blueprint = Blueprint("reader", __name__)


def install(app: Flask) -> None:
    """Select the catalogue by the reader's cookie, and register the switches."""
    compile_catalogues(_TRANSLATIONS)
    Babel(app, default_locale="zh", locale_selector=language)
    app.before_request(_choose_for_request)
    app.after_request(_remember_switches)
    app.teardown_request(_forget_choice)
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        language=language,
        html_lang=lambda: html_lang(language()),
        text_size=text_size,
        contrast=contrast,
        here_path=here,
    )


@lru_cache
def catalogue(lang: str) -> NullTranslations:
    """Our sentences in one language; the source strings in the code are Chinese."""
    return Translations.load(_TRANSLATIONS, [lang])


@lru_cache
def form_words(lang: str) -> NullTranslations:
    """The messages of WTForms in one language; read once, not for each form."""
    words = Translations.load(messages_path(), [lang], domain="wtforms")
    if lang == "zh":
        words.add_fallback(_MoreFormWords())
    return words


class _MoreFormWords(NullTranslations):
    """The messages that WTForms has not in Chinese."""

    def gettext(self, message: str) -> str:
        return str(FORM_WORDS.get(message, message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1)


def gettext(message: str, **values: Any) -> str:
    """Translate a sentence into the reader's language: ``gettext as _``.

    A page calls it a hundred times, so this does in one step what Flask-Babel does in ten.
    """
    said = catalogue(language()).gettext(message)
    return said % values if values else said


def lazy_gettext(message: str, **values: Any) -> LazyString:
    """Translate a sentence when it is rendered, into the language of the reader then."""
    return LazyString(gettext, message, **values)


FORM_WORDS = {
    "'%(value)s' is not a valid choice for this field.": lazy_gettext(
        "“%(value)s”不在可选的里面，请重新选。"
    ),
    "Not a valid week value.": lazy_gettext("这不是一个有效的星期，请重新填写。"),
    "This field cannot be edited.": lazy_gettext("这一项不能改。"),
    "This field is disabled and cannot have a value.": lazy_gettext("这一项现在不用填。"),
}


def compile_catalogues(folder: Path) -> None:
    """Compile each catalogue whose source is newer; several processes may do so at once."""
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        ready = source.with_suffix(".mo")
        if ready.exists() and ready.stat().st_mtime >= source.stat().st_mtime:
            continue
        draft = source.with_suffix(f".{id(source)}.draft")
        with source.open("rb") as catalogue, draft.open("wb") as written:
            write_mo(written, read_po(catalogue, locale=source.parent.parent.name))
        draft.replace(ready)


# Read for every sentence of a page, so it is a variable of its own and not a field of ``g``.
_language: ContextVar[str] = ContextVar("language", default="zh")
_BEFORE = "timebank.language_before"  # In the request's own environment.


def language() -> str:
    """``zh`` or ``en``, chosen once per request; Chinese outside any request.

    A streamed body is rendered after its request, so it takes the language with it.
    """
    return _language.get()


@contextmanager
def in_language(lang: str) -> Iterator[None]:
    """Speak one language for a while, whatever the reader chose: a kiosk gets both."""
    before = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(before)


def _choose_for_request() -> None:
    request.environ[_BEFORE] = _language.set(_chosen_language())


def _forget_choice(fault: BaseException | None) -> None:
    before = request.environ.pop(_BEFORE, None)
    if before is not None:
        _language.reset(before)


def html_lang(lang: str) -> str:
    """The language as an HTML attribute."""
    return {"zh": "zh-Hans", "en": "en"}[lang]


def _chosen_language() -> str:
    if request.path.startswith("/api/"):  # Programs have no cookie and send Accept-Language.
        return request.accept_languages.best_match(tuple(LANGUAGES)) or "zh"
    return _cookie("language", tuple(LANGUAGES))


def text_size() -> str:
    return _cookie("text", SIZES)


def contrast() -> str:
    return _cookie("contrast", CONTRASTS)


def switch(name: str, value: str) -> None:
    """Apply a preference from now on: to this page, and by its cookie to the next ones.

    What is no preference changes nothing.
    """
    if value not in _CHOICES.get(name, ()):
        return
    g.switched = {**g.get("switched", {}), name: value}
    if name == "language":
        _language.set(value)
        refresh()


def _remember_switches(response: Response) -> Response:
    for name, value in g.get("switched", {}).items():
        remember(response, name=name, value=value)
    return response


def _cookie(name: str, allowed: tuple[str, ...]) -> str:
    choice = g.get("switched", {}).get(name) or sent_cookie(name)
    return choice if choice in allowed else allowed[0]


def safe_path(address: str | None, otherwise: str | None = None) -> str:
    """Return a path of this site, for any input: never another host, nor another site on it."""
    otherwise = otherwise or root()
    try:
        parts = urlsplit(address or "")
    except ValueError:  # A malformed address, such as ``//[``.
        return otherwise
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(root())
    if (
        not address
        or not is_ours
        or address.startswith("//")
        or "\\" in address
        or not address.isprintable()
    ):
        return otherwise
    return address


def remember(response: Response, *, name: str, value: str) -> Response:
    """Store one preference of the reader for a year."""
    give_cookie(response, name, value, seconds=_YEAR_SECONDS)
    return response


@blueprint.get("/language/<code>")
@open_to_all
def choose_language(code: str) -> Response:
    """Switch to the other language on the same page."""
    return _choose("language", code, tuple(LANGUAGES))


@blueprint.get("/text/<size>")
@open_to_all
def choose_text(size: str) -> Response:
    return _choose("text", size, SIZES)


@blueprint.get("/contrast/<kind>")
@open_to_all
def choose_contrast(kind: str) -> Response:
    return _choose("contrast", kind, CONTRASTS)


def _choose(name: str, value: str, allowed: tuple[str, ...]) -> Response:
    if value not in allowed:
        raise NotFound(kind="page")
    back = redirect(safe_path(request.args.get("back")), 303)
    return remember(back, name=name, value=value)
