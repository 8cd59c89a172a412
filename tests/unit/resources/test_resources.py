"""Shipped files are found in a wheel and in a checkout."""

import pytest

from emulators.errors import DescriptionError
from hil import resources


@pytest.fixture(params=["wheel", "checkout"])
def installed(request, tmp_path, monkeypatch):
    """A package folder with rigs and fixtures where a wheel or a checkout has them; returns the shipped root."""
    package = tmp_path / "site" / "hil"
    root = package / "_shipped" if request.param == "wheel" else package.parent
    (root / "rigs").mkdir(parents=True)
    (root / "fixtures" / "programs").mkdir(parents=True)
    package.mkdir(exist_ok=True)
    (root / "rigs" / "two_tanks.toml").touch()
    (root / "rigs" / "pump_station.toml").touch()
    monkeypatch.setattr(resources, "__file__", str(package / "resources.py"))
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    return root


def test_the_root_holds_rigs_and_fixtures(installed):
    assert resources.shipped_root() == installed
    assert resources.shipped_rigs() == ("pump_station", "two_tanks")


@pytest.mark.parametrize("name", ["two_tanks", "two_tanks.toml", "rigs/two_tanks", "rigs/two_tanks.toml"])
def test_a_shipped_rig_is_found_by_its_name(installed, name):
    assert resources.resolve_rig(name) == installed / "rigs" / "two_tanks.toml"


@pytest.mark.parametrize("name", ["mine.toml", "mine"])
def test_a_file_of_the_user_comes_first(installed, tmp_path, name):
    (tmp_path / "empty" / "mine.toml").touch()

    assert resources.resolve_rig(name).samefile(tmp_path / "empty" / "mine.toml")


def test_relative_names_may_start_at_another_folder(installed, tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "rig.toml").touch()

    assert resources.resolve_rig("rig.toml", tmp_path / "project") == tmp_path / "project" / "rig.toml"


@pytest.mark.parametrize("name", ["two_tnaks", "rigs/two_tnaks.toml"])
def test_a_misspelt_rig_gets_a_suggestion(installed, name):
    with pytest.raises(DescriptionError, match="there is no such rig; did you mean 'two_tanks'"):
        resources.resolve_rig(name)


def test_another_folder_does_not_mean_a_shipped_rig(installed):
    with pytest.raises(DescriptionError, match="there is no such rig"):
        resources.resolve_rig("elsewhere/two_tanks.toml")


def test_shipped_files_are_found_by_their_path(installed):
    assert resources.shipped_path("fixtures/programs") == installed / "fixtures" / "programs"


def test_a_misspelt_shipped_file_gets_a_suggestion(installed):
    with pytest.raises(DescriptionError, match="did you mean 'programs'"):
        resources.shipped_path("fixtures/program")
