"""The sample community in a migrated database, and a trial revision that waits for it."""

import pytest

from tests.factories.revisions import changed_models, stamp, trial_folder, use_folder
from tests.factories.sample import make_sample
from tests.factories.sealing import seal_in


@pytest.fixture
def url(fresh_database):
    """A database with the sample community, as the migrations so far made it."""
    fresh_database.write(lambda session, now: make_sample(session))
    seal_in(fresh_database)
    url = fresh_database.engine.url.render_as_string(hide_password=False)
    stamp(url)
    return url


@pytest.fixture
def models():
    return changed_models()


@pytest.fixture
def revised(url, models, engine_name, tmp_path, monkeypatch):
    """Put the trial revision after the migrations so far, for as long as the test runs."""
    folder = trial_folder(tmp_path / "migrations", models, {engine_name: url})
    use_folder(monkeypatch, folder)
    return folder
