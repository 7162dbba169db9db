"""Whatever is typed into the set-up gets a page with a sentence: never a fault, never a tag."""

import random
from urllib.parse import quote_from_bytes, urlencode

import pytest

from tests.attacks.hostile import HOSTILE, TAG
from tests.web.test_set_up import TYPED, walk

DRAWN = 12  # Values for each field; every run draws others.


def sent(typed, name, value):
    """A form with one field replaced by bytes that nothing has checked."""
    others = urlencode({key: text for key, text in typed.items() if key != name}, doseq=True)
    return f"{others}&{name}={quote_from_bytes(value)}"


@pytest.mark.parametrize("step", TYPED)
def test_no_field_breaks_a_step(inside, step):
    walk(inside)
    for name in TYPED[step]:
        for one in random.sample(HOSTILE, DRAWN):
            body = sent(TYPED[step], name, one.value)
            kind = "application/x-www-form-urlencoded"
            answer = inside.post(f"/set-up/{step}", data=body, content_type=kind)
            assert answer.status_code in (200, 303, 400, 422), (name, one)
            for path in (f"/set-up/{step}", "/set-up/last"):
                page = inside.get(path)
                assert page.status_code in (200, 303), (name, one, path)
                assert f"<{TAG}" not in page.text, (name, one, path)
