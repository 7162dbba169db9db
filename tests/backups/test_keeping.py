"""Which backups stay: more of the last days, fewer of the years before."""

from datetime import timedelta
from itertools import pairwise

from tests.factories.sample import NOW
from timebank.backups.keeping import outdated, remove_outdated
from timebank.backups.making import KeptBackup, Source, kept_backups

DAY = timedelta(days=1)


def made(age, *, is_bundle=True):
    return KeptBackup(f"{age} {is_bundle}", NOW - age * DAY, 1, is_bundle)


def kept(backups):
    gone = list(outdated(backups, NOW))
    return [one for one in backups if one not in gone]


def ages(backups):
    return sorted((NOW - one.made_at).days for one in backups)


def test_one_a_day_for_five_years_is_thinned_out():
    stay = ages(kept([made(age) for age in range(5 * 366)]))
    assert stay[:15] == list(range(15))
    spans = [(15, 91, 10, 12), (92, 731, 20, 23), (732, 5 * 366, 3, 5)]
    for first, last, least, most in spans:
        assert least <= sum(first <= age <= last for age in stay) <= most


def test_thinned_again_every_day_it_keeps_as_much():
    """What a rule removes today must not be missing for the rule of a later day."""
    alive = []
    for day in range(800):
        now = NOW + day * DAY
        alive.append(KeptBackup(str(day), now, 1, True))
        gone = list(outdated(alive, now))
        alive = [one for one in alive if one not in gone]
    found = sorted((now - one.made_at).days for one in alive)
    assert 45 <= len(found) <= 55 and found[-1] > 700
    assert max(later - one for one, later in pairwise(found)) <= 62


def test_the_newest_three_stay_however_old_they_are():
    assert ages(kept([made(age) for age in (900, 901, 902, 903)])) == [900, 901, 902]


def test_a_plain_copy_does_not_stand_in_for_a_backup_of_the_pages():
    same_week = [made(age, is_bundle=kind) for kind in (True, False) for age in (20, 30, 40, 50)]
    assert len(kept(same_week)) == len(same_week)


def test_what_is_removed_goes_with_its_manifest_and_nothing_else(tmp_path):
    source = Source("sqlite:///x", tmp_path)
    source.folder.mkdir()
    for age in (0, 1, 2, 21, 22, 23):
        name = f"timebank-{NOW - age * DAY:%Y%m%dT%H%M%SZ}.sqlite"
        (source.folder / name).touch()
        (source.folder / f"{name}.json").touch()
    (source.folder / "letters.txt").touch()
    removed = remove_outdated(source, NOW)
    assert 1 <= len(removed) <= 2 and len(kept_backups(source)) == 6 - len(removed)
    left = {file.name for file in source.folder.iterdir()}
    assert len(left) == 2 * (6 - len(removed)) + 1 and "letters.txt" in left
