"""Characters by their sound: a name is typed as it is spoken, letter by letter.

Only this needs a keyboard of letters. The counter corrects a name against the document.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SOUND_MAX = 6  # The longest syllables: zhuang, shuang, chuang.
# Of the characters with one sound, these are in most names, so they come first.
OFTEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾萧肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
    "崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂玲红建国文华志梅春生玉珍凤云海波辉斌鹏飞宇浩晨欣"
    "佳雪婷慧莉琴萍燕荣福贵祥兴旺德仁义信礼智光庆新民东南西北山川水木小大子思雨雅琪诗涵梓轩一二三甲乙丙"
)  # fmt: skip


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
