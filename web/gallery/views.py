"""Pages of the gallery. Their values are in ``samples.py``."""

from flask import render_template

from timebank.errors import NotFound
from timebank.policy.refusals import HouseholdCap
from web import words
from web.auth import open_to_all
from web.gallery import samples
from web.pages import Audience, page
from web.reader import lazy_gettext as _l

GALLERY = Audience("gallery", "/gallery")

PAGES = {
    "steps": _l("一步一步：按钮、表单、清单"),
    "results": _l("结果与空白"),
    "figures": _l("数字与图"),
    "passbook": _l("存折（手机）"),
    "shelf": _l("货架（公开）"),
    "desk": _l("工作台"),
    "papers": _l("纸上的样子"),
}


@page(GALLERY, "", "index")
@open_to_all
def index() -> str:
    return render_template("gallery/index.html", pages=PAGES)


@page(GALLERY, "/<name>", "page")
@open_to_all
def one(name: str) -> str:
    """One page of components, or one whole screen."""
    if name not in PAGES:
        raise NotFound(kind="page")
    refusal = HouseholdCap(next_on="2025-06-20")
    return render_template(
        f"gallery/{name}.html", title=PAGES[name], samples=samples, refused=words.told(refusal)
    )
