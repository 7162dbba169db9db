"""The statements of a page: at most twelve, and no more with more data."""

from datetime import timedelta

import pytest

from tests.factories.sample import TODAY, give, serve, take
from tests.factories.village import Village

MOST = 12  # Issue 2, point 14.
PAGES = {
    "passbook of a volunteer": ("volunteer", "/me/"),
    "passbook of a claimant": ("claimant", "/me/"),
    "passbook of a donor": ("donor", "/me/"),
    "take": ("claimant", "/me/take"),
    "claims": ("claimant", "/me/claims"),
    "claim": ("claimant", "/me/claims/{ready}"),
    "deposits": ("donor", "/me/deposit"),
    "deposit": ("donor", "/me/deposit/{announced}"),
    "announce": ("donor", "/me/deposit/announce"),
    "services given": ("volunteer", "/me/services"),
    "services received": ("claimant", "/me/services"),
    "home": ("", "/"),
    "home of a visitor": ("donor", "/"),
    "shelf": ("", "/shelf"),
    "kinds of service": ("", "/services"),
    "receipt": ("", "/receipt?no=S1-2025-000016"),
}


def asked(village: Village, name: str, path: str) -> list[str]:
    """The statements of one page, rendered a second time: the first opens the connection."""
    visit = village.visit(name)
    visit.get(path)
    with village.statements() as sent:
        assert visit.get(path).status == 200
    return list(sent)


def more_of_everything(village: Village) -> None:
    """At least double the rows that the pages list."""

    def live_on(session, now):
        for back in range(20, 0, -1):
            serve(session, village.sample, on=TODAY - timedelta(days=80 + 3 * back), minutes=90)
        for back in range(6, 0, -1):
            give(session, village.sample, on=TODAY - timedelta(days=40 + back))
            take(session, village.sample, on=TODAY - timedelta(days=9 + back), is_fetched=True)

    kept = dict(village.sample.cases)
    village.database.write(live_on)
    village.sample.cases.update(kept)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_little_and_no_more_for_more(village, page):
    name, path = PAGES[page]
    path = path.format(**village.sample.cases)
    before = asked(village, name, path)
    assert len(before) <= MOST, "\n".join(before)
    more_of_everything(village)
    after = asked(village, name, path)
    assert len(after) == len(before), "\n".join(after)
