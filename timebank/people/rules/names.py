"""Names: how they are stored, masked, searched, and sorted. Pure.

Not here: which names a searcher may see.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

from timebank.errors import BadInput
from timebank.typed import is_han, plain

# How Chinese writes the same character: traditional, then simplified. Surnames and usual names.
_PAIRS = (
    "歐欧陽阳陳陈張张劉刘楊杨黃黄趙赵吳吴孫孙馬马鄭郑謝谢許许鄧邓馮冯蕭萧葉叶蔣蒋蘇苏盧卢賈贾韋韦鄒邹譚谭"
    "陸陆龍龙萬万錢钱湯汤賀贺賴赖龔龚龐庞樊樊蘭兰閻阎駱骆鍾钟鐘钟紀纪關关齊齐藍蓝嚴严溫温莊庄顏颜龎庞塗涂"
    "單单區区員员樂乐繆缪種种華华應应畢毕項项魯鲁喬乔岡冈寧宁聶聂羅罗衛卫遲迟長长諸诸東东軒轩轅辕獨独鄔邬"
    "門门離离聞闻連连於于淳淳濮濮瀋沈嶽岳範范賓宾彌弥郟郏榮荣儲储靳靳鄺邝酈郦嶺岭麥麦傅傅鮑鲍虞虞費费"
    "國国麗丽軍军偉伟傑杰華华鳳凤蓮莲雲云瓊琼潔洁靜静愛爱蘭兰紅红強强業业義义興兴德德銀银鋼钢錦锦鐵铁鵬鹏"
    "飛飞慶庆榮荣貴贵賢贤輝辉曉晓會会學学書书時时壽寿豐丰進进遠远達达運运順顺頌颂領领穎颖韻韵馨馨環环瑪玛"
    "緯纬維维綺绮綠绿縣县繼继續续總总純纯紹绍絲丝細细終终結结絹绢統统線线練练縱纵織织繪绘羣群聖圣聰聪聲声"
    "藝艺蔭荫薇薇蘊蕴虹虹視视親亲覺觉記记詩诗誠诚語语諾诺謙谦譽誉豔艳贊赞趙赵躍跃車车輪轮鑫鑫閃闪開开間间"
    "闊阔雙双霞霞霧雾靈灵顧顾願愿風风養养騰腾驕骄魏魏鴻鸿鶴鹤麟麟黨党點点龜龟嬌娇嫻娴婭娅寶宝導导嵐岚幹干"
    "廣广彥彦憶忆懷怀掃扫擇择揚扬據据曄晔暉晖極极橋桥權权歡欢歲岁殿殿氣气決决沖冲淚泪淵渊淺浅渾浑滿满漢汉"
    "澤泽濤涛潤润潛潜瀾澜燁烨爾尔獻献瑩莹瑤瑶璽玺異异發发盛盛眾众礎础祿禄禎祯禮礼禪禅秋秋穩稳競竞筆笔簡简"
)
_SIMPLIFIED = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_SPELLINGS: dict[str, str] = {}
for _old, _new in _SIMPLIFIED.items():
    _SPELLINGS[_new] = _SPELLINGS.get(_new, _new) + ("" if _old == _new else _old)
_SPELLINGS_MAX = 32  # Of one searched text.

_DOUBLE_FAMILY_NAMES = frozenset(
    re.findall(
        "..",
        "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐司徒夏侯宇文长孙轩辕端木独孤南宫"
        "百里呼延西门申屠太史钟离闻人澹台公冶濮阳淳于单于赫连万俟司空左丘东郭第五拓跋"
        "完颜耶律纳兰宗政公羊鲜于司寇巫马东门",
    )
)
# The readings of a family name, the usual one first; each is searched. Tones for sorting.
_READINGS = """
    单=shan4/dan1/chan2 曾=zeng1/ceng2 解=xie4/jie3 查=zha1/cha2 仇=qiu2/chou2 区=ou1/qu1
    朴=piao2/pu3/po4 盖=ge3/gai4 乐=yue4/le4 缪=miao4/mou2 折=she2/zhe2 种=chong2/zhong3
    覃=qin2/tan2/xun2 召=shao4/zhao4 乜=nie4/mie1 繁=po2/fan2 秘=bi4/mi4 翟=zhai2/di2
    盛=sheng4/cheng2 佴=nai4/er4 员=yun4/yuan2 宓=mi4/fu2 谌=chen2/shen4 贾=jia3/gu3
    车=che1/ju1 石=shi2/dan4 隗=wei3/kui2 郇=xun2/huan2 祭=zhai4/ji4 费=fei4/bi4 褚=chu3/zhu3
    沈=shen3/chen2 莘=shen1/xin1 尉=wei4/yu4 冼=xian3/sheng3 黑=he4/hei1 过=guo1 任=ren2 华=hua4
    葛=ge3 宁=ning4 应=ying1 纪=ji3 哈=ha3 钻=zuan1 逄=pang2 晁=chao2 郗=xi1/chi1 厍=she4 妫=gui1
    亓=qi2 尉迟=yu4-chi2/wei4-chi2 万俟=mo4-qi2/wan4-si4 长孙=zhang3-sun1/chang2-sun1
    澹台=tan2-tai2/dan4-tai2 单于=chan2-yu2/dan1-yu2/shan4-yu2 鲜于=xian1-yu2
"""
FAMILY_READINGS = {
    family: tuple(readings.split("/"))
    for family, _, readings in (entry.partition("=") for entry in _READINGS.split())
}
_DOTS = "·•・‧∙⋅･"
_ONE_DOT = str.maketrans(dict.fromkeys(_DOTS, "·"))
_AROUND_DOT = re.compile(r"\s*·[\s·]*")


def simplified(text: str) -> str:
    """The text with each traditional character of our table in its simplified form."""
    return "".join(_SIMPLIFIED.get(letter, letter) for letter in text)


def tidy_name(name: str) -> str:
    """Normalise a person's name for storage.

    There is one middle dot, and no space between Chinese characters: ``李　丙`` is ``李丙``.

    **Refuses**: ``BadInput`` if it is empty or too long, or has a character that cannot be shown or
    that turns the direction of writing.
    """
    if _TURNS & set(name):
        raise BadInput(field="name", why="characters")
    tidy = unicodedata.normalize("NFKC", plain(name.translate(_ONE_DOT)))
    tidy = _AROUND_DOT.sub("·", _unspaced(tidy)).strip("·")
    if any(not is_han(letter) and unicodedata.category(letter)[0] == "C" for letter in tidy):
        raise BadInput(field="name", why="characters")
    if not 1 <= len(tidy) <= 40:
        raise BadInput(field="name", why="length")
    return tidy


_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _unspaced(name: str) -> str:
    """Drop each space beside a Chinese character, and write a full stop between two as a dot."""
    kept = []
    for before, letter, after in zip(f" {name}", name, f"{name[1:]} ", strict=False):
        is_between = is_han(before) and is_han(after)
        if letter == " " and (is_han(before) or is_han(after)):
            continue
        kept.append("·" if letter == "." and is_between else letter)
    return "".join(kept)


def split_name(name: str) -> tuple[str, str]:
    """Split a name into family name and given name; 欧阳 and similar have two characters."""
    size = 2 if len(name) > 2 and simplified(name[:2]) in _DOUBLE_FAMILY_NAMES else 1
    return name[:size], name[size:]


def mask_name(name: str) -> str:
    """Show the family name and a star for each further character (陈**, 欧阳*)."""
    family, given = split_name(name)
    return family + "*" * len(given) if given else "*"


# Searching.
# What a stored name may have between its characters; older versions kept each dot as it was typed.
BETWEEN = (" ", ".", "·", "•", "・", "‧")
_BETWEEN = frozenset((*BETWEEN, *_DOTS))


def name_spellings(text: str) -> list[str]:
    """Every way in which a searched part of a name may be stored, without spaces and dots."""
    tidy = unicodedata.normalize("NFKC", plain(text))
    squeezed = "".join(letter for letter in tidy if letter not in _BETWEEN)
    ways = [_SPELLINGS.get(letter, letter) for letter in simplified(squeezed)]
    found = ("".join(letters) for letters in islice(product(*ways), _SPELLINGS_MAX))
    return list(dict.fromkeys([squeezed, *found])) if squeezed else []


def initials_of(name: str) -> str:
    """The pinyin initials of a name, for searching: 陈甲一 is cjy."""
    family, given = split_name(name)
    known = _initials(FAMILY_READINGS.get(simplified(family), ("",))[0])
    return known + _first_letters(simplified(given if known else name))


def _initials(reading: str) -> str:
    return "".join(part[0] for part in reading.split("-") if part)


def other_initials(letters: str) -> dict[str, list[str]]:
    """Under which other initials people with a family name of several readings may be stored.

    **Shape**: the beginning of the stored initials, and the family names for which it holds: ``tx``
    finds 覃 under ``qx``.
    """
    families_by_initials: dict[str, list[str]] = {}
    for family, readings in FAMILY_READINGS.items():
        known = list(dict.fromkeys(_initials(reading) for reading in readings))
        for surname in known:
            if not (letters.startswith(surname) or surname.startswith(letters)):
                continue
            for other in known:
                stored = other[: len(letters)] + letters[len(surname) :]
                if other != surname and stored != letters:
                    families_by_initials.setdefault(stored, []).extend(name_spellings(family))
    return {stored: sorted(set(families)) for stored, families in families_by_initials.items()}


@lru_cache(maxsize=4096)
def _first_letters(words: str) -> str:
    """The first letters as they are spoken; many neighbours share a given name."""
    # Imported on first use: its dictionaries take a quarter of a second and 40 MB, and only
    # enrolment and lists of people need them.
    from pypinyin import Style, lazy_pinyin

    spoken = lazy_pinyin(words, style=Style.FIRST_LETTER)
    letters = (word[:1].lower() for part in spoken for word in part.split())
    return "".join(letter for letter in letters if letter.isalnum())


@lru_cache(maxsize=4096)
def spoken_key(name: str) -> tuple[str, ...]:
    """The syllables by which a list of people is sorted: by pinyin, then by tone."""
    family, given = split_name(name)
    return tuple(_syllables(family, given))


def _syllables(family: str, given: str) -> Iterator[str]:
    from pypinyin import Style, lazy_pinyin

    readings = FAMILY_READINGS.get(simplified(family))
    yield from readings[0].split("-") if readings else ()
    rest = simplified(given if readings else family + given).lower()
    yield from lazy_pinyin(rest, style=Style.TONE3, neutral_tone_with_five=True)


def latin_name(name: str) -> str | None:
    """The name in small letters where it is written in Latin ones; it is found by them too."""
    return name.lower() if name[:1].isascii() and name[:1].isalpha() else None
