"""The sample community in a migrated database, and a trial revision that waits for it."""

import pytest

from tests.factories.revisions import changed_models, stamp, trial_folder, use_folder
from tests.factories.sample import make_sample
from tests.factories.sealing import SIGNER
from timebank.demo.load import load
from timebank.sealer import seal_all


@pytest.fixture
def url(fresh_database, sample_days):
    """A database with the sample community, as the migrations so far made it.

    With ``sample_days`` the large sample community of ``timebank demo`` is there too.
    """
    fresh_database.write(lambda session, now: make_sample(session))
    if sample_days:
        load(fresh_database, days=sample_days, progress=lambda steps: None)
    seal_all(fresh_database, SIGNER)
    url = fresh_database.engine.url.render_as_string(hide_password=False)
    stamp(url)
    return url


@pytest.fixture
def sample_days():
    return 0


@pytest.fixture
def models():
    return changed_models()


@pytest.fixture
def revised(url, models, engine_name, tmp_path, monkeypatch):
    """Put the trial revision after the migrations so far, for as long as the test runs."""
    folder = trial_folder(tmp_path / "migrations", models, {engine_name: url})
    use_folder(monkeypatch, folder)
    return folder
