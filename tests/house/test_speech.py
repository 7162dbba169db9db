"""The pages never use words of a bank, a shop or charity."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath

from tests.house.sources import CODE, Source, nothing, sources

NEVER = re.compile("(?<!食物)银行|交易|购买|提现|利息")  # 食物银行, a food bank, is allowed.
# To the face of a neighbour nobody speaks of relief; staff name the state's schemes as they are.
NEVER_TO_NEIGHBOURS = re.compile("救助|困难群众|贫困")
# Pages that only staff read are named for them; every other page is for neighbours.
FOR_STAFF = ("work_", "store_", "act_")
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
SAMPLE_DATA = "timebank/people/data/"  # A bank's branch may be a caring firm of the sample.


def spoken(source: Source) -> Iterator[tuple[int, str]]:
    """The text that a file may show to a reader: strings of code, pages and catalogues."""
    if source.path.endswith(".py"):
        said = {id(node.value) for node in source.nodes if isinstance(node, ast.Expr)}
        for node in source.nodes:
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and id(node) not in said:
                yield node.lineno, node.value
        return
    bare = COMMENT.sub(lambda match: "\n" * match.group().count("\n"), source.text)
    for number, line in enumerate(bare.splitlines(), 1):
        if not line.startswith("#"):
            yield number, line


def is_for_neighbours(path: str) -> bool:
    """Tell whether a neighbour may read a template, in a browser or at a kiosk."""
    return "/templates/" in path and not PurePath(path).name.startswith(FOR_STAFF)


def speech_faults(source: Source) -> list[str]:
    to_neighbours = is_for_neighbours(source.path)
    return [
        f"{source.path}:{line} {text.strip()[:60]}"
        for line, text in spoken(source)
        if NEVER.search(text) or (to_neighbours and NEVER_TO_NEIGHBOURS.search(text))
    ]


def test_no_page_speaks_like_a_bank_or_a_shop():
    endings = (".py", ".html", ".po", ".js", ".toml")
    files = [source for ending in endings for source in sources(*CODE, ending=ending)]
    files = [source for source in files if not source.path.startswith(SAMPLE_DATA)]
    nothing([fault for source in files for fault in speech_faults(source)])


def test_a_forbidden_word_is_found():
    assert speech_faults(Source("web/templates/a.html", "<p>时间银行</p>"))
    assert speech_faults(Source("web/words.py", 'SAY = _("交易成功")\n'))
    assert speech_faults(Source("kiosk/templates/a.html", "<p>临时救助</p>"))
    assert speech_faults(Source("web/goods/templates/me_deposits.html", "<p>临时救助</p>"))
    assert not speech_faults(Source("web/aid/templates/work_a.html", "<p>临时救助</p>"))
    assert not speech_faults(Source("web/words.py", '"""Never 银行."""\n'))
