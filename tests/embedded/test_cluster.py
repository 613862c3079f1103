import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.embedded import FolderInUse, FolderUnusable, url
from app.embedded.cluster import disarm_pid_file, hold, living_postmaster, make_socket_folder, socket_folder
from app.embedded.identity import Identity


def test_the_address_is_the_same_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert url(Path("data")) == url(tmp_path / "data") == url(tmp_path / "x" / ".." / "data")


def test_the_address_names_the_folder_beside_the_data() -> None:
    parts = urlsplit(url(Path("/srv/dark room")))
    assert (parts.scheme, parts.username, parts.path) == ("postgresql", "darkroom", "/darkroom")
    assert parse_qs(parts.query) == {"host": ["/srv/dark room/run"], "port": ["5432"]}


@pytest.mark.parametrize("name", ["x" * 100, "one,two"])
def test_a_path_that_no_socket_or_driver_takes_moves_to_a_short_place_of_ours(name: str) -> None:
    folder = socket_folder(Path("/srv") / name)
    assert folder.parent == Path("/tmp")
    assert str(os.geteuid()) in folder.name
    assert folder != socket_folder(Path("/srv") / f"{name}2")


def test_the_longest_path_that_fits_stays() -> None:
    longest = Path("/" + "x" * (107 - len("//run/.s.PGSQL.5432")))
    assert socket_folder(longest).parent == longest


def test_somebody_elses_socket_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderUnusable, match="belongs to somebody else"):
        make_socket_folder(tmp_path, Identity())


def test_a_socket_folder_is_closed_to_others_even_if_it_was_open(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o777)
    folder = make_socket_folder(tmp_path, Identity())
    assert folder.stat().st_mode & 0o777 == 0o700


def test_one_holder_at_a_time_and_the_other_hears_who(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(FolderInUse, match=f"process {os.getpid()}.*DARKROOM_DATA"):
        hold(tmp_path)
    hold(tmp_path).close()


def test_a_data_folder_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(FolderUnusable, match=r"cannot hold data.*DARKROOM_DATA"):
        hold(tmp_path / "data")


def test_a_pid_file_that_names_a_stranger_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"1\n{tmp_path}\n")
    assert living_postmaster(tmp_path) is None


def test_a_disarmed_pid_file_names_us_and_keeps_the_shared_memory(tmp_path: Path) -> None:
    file = tmp_path / "postmaster.pid"
    file.write_text(f"1\n{tmp_path}\n1700000000\n5432\n/run\n\n  12345  7\nready\n")
    disarm_pid_file(tmp_path)
    lines = file.read_text().splitlines()
    assert (lines[0], lines[6]) == (str(os.getpid()), "  12345  7")


@pytest.mark.parametrize("garbled", ["", "12", "no number\n"])
def test_a_garbled_pid_file_goes(tmp_path: Path, garbled: str) -> None:
    (tmp_path / "postmaster.pid").write_text(garbled)
    disarm_pid_file(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()
