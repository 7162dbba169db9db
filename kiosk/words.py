"""The kiosk's sentences. Source strings are Chinese; each other language has a catalogue file.

Catalogues are read once at the start. A missing translation shows the Chinese sentence.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "translations"
LANGUAGES = ("zh", "en")
LOCALES = {"zh": "zh-CN", "en": "en"}

Speak = Callable[..., str]


def load_catalogues(folder: Path = FOLDER) -> dict[str, dict[str, str]]:
    """Read every catalogue into a plain dictionary."""
    catalogues: dict[str, dict[str, str]] = {"zh": {}}
    for path in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            catalogue = read_po(file)
        catalogues[path.parts[-3]] = {
            str(message.id): str(message.string)
            for message in catalogue
            if message.id and message.string
        }
    return catalogues


def speaker(catalogue: Mapping[str, str]) -> Speak:
    """Return the ``_`` of one language: ``_('已保存 %(count)s 笔', count=3)``."""

    def speak(text: str, **values: object) -> str:
        said = catalogue.get(text, text)
        return said % values if values else said

    return speak
