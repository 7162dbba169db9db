"""How the reader wants to read: language, size of text, contrast; kept in plain cookies.

The words themselves are in the templates and the catalogue. Nothing here knows a person.
"""

from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, redirect, request
from flask_babel import Babel, LazyString
from wtforms.i18n import messages_path

from timebank.errors import NotFound
from web.auth import open_to_all

LANGUAGES = {"zh": "中文", "en": "English"}
SIZES = ("normal", "large", "largest")
CONTRASTS = ("normal", "high")
_YEAR_SECONDS = 365 * 24 * 3600
_TRANSLATIONS = Path(__file__).parent / "translations"

blueprint = Blueprint("reader", __name__)


def install(app: Flask) -> None:
    """Choose the catalogue by the reader's cookie, and offer the switches."""
    compile_catalogues(_TRANSLATIONS)
    Babel(app, default_locale="zh", locale_selector=language)
    app.before_request(_choose_for_request)
    app.teardown_request(_forget_choice)
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        language=language,
        html_lang=lambda: html_lang(language()),
        text_size=text_size,
        contrast=contrast,
        here_path=here_path,
    )


@lru_cache
def catalogue(lang: str) -> NullTranslations:
    """Our words in one language; Chinese is how they are written in the code."""
    return Translations.load(_TRANSLATIONS, [lang])


@lru_cache
def form_words(lang: str) -> NullTranslations:
    """What WTForms itself says, in one language; read once, not for each form."""
    return Translations.load(messages_path(), [lang], domain="wtforms")


def gettext(message: str, **values: Any) -> str:
    """Say a sentence of ours in the reader's language: ``gettext as _``.

    A page says a hundred of them, so it is Flask-Babel's function in one step instead of ten.
    """
    said = catalogue(language()).gettext(message)
    return said % values if values else said


def lazy_gettext(message: str, **values: Any) -> LazyString:
    """Say a sentence when it is drawn, in the language of whoever reads it then."""
    return LazyString(gettext, message, **values)


def compile_catalogues(folder: Path) -> None:
    """Make each catalogue ready where its source is newer; many processes may do so at once."""
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        ready = source.with_suffix(".mo")
        if ready.exists() and ready.stat().st_mtime >= source.stat().st_mtime:
            continue
        draft = source.with_suffix(f".{id(source)}.draft")
        with source.open("rb") as told, draft.open("wb") as written:
            write_mo(written, read_po(told, locale=source.parent.parent.name))
        draft.replace(ready)


# A page asks for it at each word, so it is a variable of its own and no field of ``g``.
_language: ContextVar[str] = ContextVar("language", default="zh")
_BEFORE = "timebank.language_before"  # In the request's own environment.


def language() -> str:
    """``zh`` or ``en``, chosen once a request; Chinese outside any request.

    A body that is streamed is drawn after its request: it takes the language with it.
    """
    return _language.get()


def _choose_for_request() -> None:
    request.environ[_BEFORE] = _language.set(_chosen_language())


def _forget_choice(fault: BaseException | None) -> None:
    before = request.environ.pop(_BEFORE, None)
    if before is not None:
        _language.reset(before)


def html_lang(lang: str) -> str:
    """The language as HTML names it."""
    return {"zh": "zh-Hans", "en": "en"}[lang]


def _chosen_language() -> str:
    if request.path.startswith("/api/"):  # A machine keeps no cookie: it says what it reads.
        return request.accept_languages.best_match(tuple(LANGUAGES)) or "zh"
    return _cookie("language", tuple(LANGUAGES))


def text_size() -> str:
    return _cookie("text", SIZES)


def contrast() -> str:
    return _cookie("contrast", CONTRASTS)


def _cookie(name: str, allowed: tuple[str, ...]) -> str:
    told = request.cookies.get(name, "")
    return told if told in allowed else allowed[0]


def here_path() -> str:
    """Where the reader is now, to come back to after a switch."""
    return request.full_path.rstrip("?") if request.query_string else request.path


def safe_path(told: str | None, otherwise: str = "/") -> str:
    """Give back a path of this site, whatever was told: never another host."""
    try:
        parts = urlsplit(told or "")
    except ValueError:  # Half an address, such as ``//[``.
        return otherwise
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    if not told or not is_ours or told.startswith("//") or "\\" in told or not told.isprintable():
        return otherwise
    return told


def remember(response: Response, *, name: str, value: str) -> Response:
    """Keep one wish of the reader for a year."""
    response.set_cookie(
        name, value, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure
    )
    return response


@blueprint.get("/language/<code>")
@open_to_all
def choose_language(code: str) -> Response:
    """Go on in the other language, at the same place."""
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
