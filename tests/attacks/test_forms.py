"""Hostile values in every field of every form of every page, as every role.

Nothing of it stays, so that each form is attacked as it was drawn. ``test_committed`` lets it stay.
"""

import base64
import re
from collections.abc import Iterator
from itertools import chain, cycle, islice
from pathlib import Path
from urllib.parse import parse_qsl, quote

import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from tests.attacks.attacker import Attacker, Sent, Watched
from tests.attacks.hostile import HOSTILE, NUMBERS, TEXTS, Hostile
from tests.attacks.pages import BOUNDARY, Field, Form, Pairs
from tests.attacks.target import NOBODY, Target
from tests.counts import PROOF, repeats
from tests.factories.matrix import ACTORS
from tests.factories.served import app_over
from tests.house.sources import nothing
from timebank.cli import main
from timebank.people.tables import sign_in_try

# In ``make test`` four of the roles, who see every form between them, send some of it all.
WHO = ACTORS if PROOF else ("nobody", "resident", "keeper", "coordinator")
VALUES = min(repeats(1, 12), len(HOSTILE))
EVERY, STAYS = (1, 3) if PROOF else (5, 9)  # Of all attacks, so many are skipped.
PARTS = f"multipart/form-data; boundary={BOUNDARY}"
Values = Iterator[Hostile]


@pytest.fixture
def attackers(target: Target):
    """Begins to attack as somebody, over a database in which no deed stays."""
    opened = []

    def begin(actor: str) -> Attacker:
        attacker = Attacker(target, actor)
        database = target.database
        watched = Watched(str(database.engine.url), clock=database.clock, info=database.info)
        watched.watch(one for ids in target.foreign(actor).values() for one in ids)
        opened.append(watched)
        target.office.database = watched
        app_over(watched)
        return attacker.explore()

    yield begin
    for one in opened:
        one.close()


def changed(pairs: Pairs, name: str, value: bytes | None) -> Pairs:
    """The same fields, one of them with another value, or without it."""
    kept = [one for one in pairs if one[0] != name]
    return kept if value is None else [*kept, (name, value)]


# Fields that nobody reads, so that anything may stand in them.
UNREAD = {
    ("/me/card/ask-pin", "do"): "the page has one deed",
    ("/store/intake", "donor-person_id"): "an announced gift names its donor",
}


def is_read(form: Form, one: Field) -> bool:
    return (form.action.partition("?")[0], one.name) not in UNREAD


WORST = {kind: [told for told in HOSTILE if told.worst_for == kind] for kind in (NUMBERS, TEXTS)}


def chosen(one: Field, values: Values) -> Iterator[Hostile]:
    """One value that the field must refuse, those that are worst for its kind, then any."""
    yield next(told for told in values if not one.kinds or told.refused_by in one.kinds)
    if one.is_number or NUMBERS not in one.kinds:
        yield from WORST[NUMBERS if one.is_number else TEXTS]
    yield from islice(values, VALUES - 1)


def typed(form: Form, values: Values) -> Iterator[Sent]:
    """Each field with hostile values, while all others are as a person sends them."""
    buttons = cycle(form.buttons or [None])
    for one in form.unlike:
        for hostile in chosen(one, values):
            pairs = form.honest(next(buttons))
            what = f"{pairs[-1][0]} {one.name} ({one.type}): {hostile.why}"
            may = hostile.refused_by not in one.kinds or not is_read(form, one)
            yield Sent(form, what, changed(pairs, one.name, hostile.value), may)


def marked(form: Form) -> Iterator[Sent]:
    """Each field of free text with what becomes a tag wherever it is not escaped."""
    markup = next(told for told in HOSTILE if told.worst_for == TEXTS)
    buttons = cycle(form.buttons or [None])
    for one in form.unlike:
        if NUMBERS not in one.kinds:
            pairs = changed(form.honest(next(buttons)), one.name, markup.value)
            yield Sent(form, f"{one.name} stays: {markup.why}", pairs)


def misshapen(form: Form, values: Values) -> Iterator[Sent]:
    """The form itself is wrong: a field twice, a field missing, a file, another's token."""
    buttons = cycle(form.buttons or [None])
    for one in form.unlike:
        pairs = form.honest(next(buttons))
        yield Sent(form, f"{one.name} twice", [*pairs, (one.name, next(values).value)])
        yield Sent(form, f"no {one.name}", changed(pairs, one.name, None))
    if form.method == "post" and form.fields:
        pairs, name = form.honest(next(buttons)), form.fields[-1].name
        yield Sent(form, f"a file for {name}", pairs, form.takes_files, PARTS, name)
        yield Sent(form, "parts without an end", pairs, False, f"{PARTS}x")
        for told in (None, b"", b"x" * 90, "令牌".encode()):
            forged = changed(pairs, "csrf_token", told)
            yield Sent(form, f"with the token {told!r}", forged, may_be_done=False)


def is_id(one: Field) -> bool:
    return one.honest.isdigit() and len(one.honest) >= 10


def foreign(form: Form, attacker: Attacker) -> Iterator[Sent]:
    """Each id in the form is one of others: of the same kind, or of any."""
    theirs = attacker.target.foreign(attacker.actor)
    buttons, anything = cycle(form.buttons or [None]), cycle(theirs.values())
    for one in form.unlike:
        fits = [ids for name, ids in theirs.items() if one.name.endswith(name)]
        for told in (fits or [next(anything, ())])[0] if is_id(one) else ():
            pairs = changed(form.honest(next(buttons)), one.name, told.encode())
            yield Sent(form, f"{one.name} of others", pairs)


def addresses(attacker: Attacker, values: Values) -> Iterator[Sent]:
    """Each part of each address that somebody came by: what it names, and what it asks."""
    for link in attacker.links.values():
        path, _, query = link.partition("?")
        pairs = [(name, value.encode()) for name, value in parse_qsl(query)]
        for name, _ in pairs:
            for hostile in islice(values, VALUES):
                told = changed(pairs, name, hostile.value)
                yield Sent(Form(path, "get"), f"{name}: {hostile.why}", told)
        for number in set(re.findall(r"\d{10,}", path)):
            for hostile in islice(values, VALUES):
                named = path.replace(number, quote(hostile.value, safe=""))
                yield Sent(Form(named, "get"), f"in the path: {hostile.why}", [])


def attacks(attacker: Attacker, values: Values) -> Iterator[Sent]:
    """Everything typed into every field; of the rest some in each run."""
    forms, first = list(attacker.forms), ACTORS.index(attacker.actor) % EVERY
    for form in forms:
        yield from typed(form, values)
    told = (one for form in forms for one in (misshapen(form, values), foreign(form, attacker)))
    yield from islice(chain(*told, addresses(attacker, values)), first, None, EVERY)


@pytest.mark.parametrize("actor", WHO)
def test_no_field_of_any_form_takes_what_is_hostile(attackers, actor):
    attacker = attackers(actor)
    values = islice(cycle(HOSTILE), ACTORS.index(actor) * 7, None)
    for sent in attacks(attacker, values):
        attacker.send(sent)
    assert attacker.done > 10 or actor == NOBODY, "nothing that was sent was ever done"
    nothing(sorted(set(attacker.faults)))


def test_what_stays_of_it_leaves_the_books_whole_and_the_neighbours_alone(target):
    """The same once more, one role after the other, over a database in which every deed stays."""
    theirs, values = target.neighbours_rows(), cycle(HOSTILE)
    for actor in WHO:
        # Who was attacked at the sign-in before does not wait now.
        target.database.write(lambda session, now: session.execute(delete(sign_in_try)))
        attacker = Attacker(target, actor).explore()
        some = islice(attacks(attacker, values), 0, None, STAYS)
        for sent in chain(some, *map(marked, attacker.forms)):
            attacker.send(sent)
        assert attacker.done > 5 or actor == NOBODY
        nothing(sorted(set(attacker.faults)))
    for actor in WHO:  # What was stored is shown as text, to everybody who reads it.
        nothing(sorted(set(Attacker(target, actor).explore().faults)))
    assert target.neighbours_rows() == theirs
    told = {
        "TIMEBANK_DATABASE": str(target.database.engine.url),
        "TIMEBANK_KEY": base64.b64encode(bytes(range(32))).decode(),
        "TIMEBANK_DATA": str(Path(target.database.engine.url.database or "").parent),
    }
    for command in ("check", "seal", "check-books"):
        result = CliRunner().invoke(main, [command], env=told)
        assert result.exit_code == 0, result.output
