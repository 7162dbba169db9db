"""Find buildings by what a sheet calls them."""

from timebank.deeds.deed import Deed
from timebank.people.queries import places


def buildings_by_word(deed: Deed) -> dict[str, int]:
    """The buildings in use by number (``11``, ``11号楼``, ``11栋``) and by name."""
    by_word: dict[str, int] = {}
    for building in places(deed.session, deed.community_id, "building"):
        if building.ended_on is not None:
            continue
        number = str(building.number)
        for word in (number, f"{number}号楼", f"{number}栋", f"{number}号", f"{number}幢"):
            by_word[word] = building.id
    for building in places(deed.session, deed.community_id, "building"):
        if building.ended_on is None:
            by_word |= {building.name_zh: building.id, building.name_en: building.id}
    return by_word
