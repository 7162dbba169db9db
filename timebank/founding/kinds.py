"""The kinds of items in the words of people who write a list: Chinese, then English. Pure."""

from collections.abc import Mapping

ITEM_KIND_WORDS: Mapping[str, tuple[str, str]] = {
    "food": ("食品", "food"),
    "household": ("日用品", "household"),
    "clothes": ("衣物", "clothes"),
    "bedding": ("床上用品", "bedding"),
    "toys": ("玩具", "toys"),
    "books": ("图书", "books"),
    "electrical": ("电器", "electrical"),
    "mobility": ("助行用品", "mobility"),
    "other": ("其他", "other"),
}
