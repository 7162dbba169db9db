"""Characters by their sound: a name is typed as it is spoken, letter by letter.

Only this needs a keyboard of letters. The counter corrects a name against the document.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from timebank.people.rules.characters import OFTEN

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SOUND_MAX = 6  # The longest syllables: zhuang, shuang, chuang.


def _known_characters() -> Iterator[str]:
    """The characters of GB 2312, the usual ones before the rare ones."""
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield bytes((row, cell)).decode("gb2312")
            except UnicodeDecodeError:
                continue


@cache
def _by_sound() -> dict[str, str]:
    # Imported on first use: its dictionaries take a quarter of a second and 40 MB.
    from pypinyin import Style, pinyin

    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for character in (*OFTEN, *_known_characters()):
        for sound in pinyin(character, style=Style.NORMAL, heteronym=True)[0]:
            found[sound][character] = None
    return {sound: "".join(characters) for sound, characters in found.items()}


def characters_of(sound: str) -> str:
    """The characters with a sound; ``v`` or ``yu`` stands for the umlaut: ``lv``, ``lyu``."""
    tidy = sound.lower()
    if tidy in ("lyu", "nyu"):
        tidy = f"{tidy[0]}v"
    return _by_sound().get(tidy, "")
