"""What ./scripts/image reads and copies, without a root to make."""

import os
from pathlib import Path

import pytest

from scripts.cleanroom import machine
from scripts.cleanroom.base import Official, find_interpreter
from scripts.cleanroom.build import megabytes
from scripts.cleanroom.copying import NotInContext, copy_from_context
from scripts.cleanroom.house import Service
from scripts.cleanroom.ignore import Ignore
from scripts.cleanroom.machine import loan
from scripts.cleanroom.recipe import (
    Instruction,
    NotUnderstood,
    environment_of,
    read_instructions,
    read_stages,
    seconds,
)
from tests.deploy import dockerfile

LISTED = """\
:env:.cert='{folder}/ca.pem'
:env:.disable-pip-version-check='1'
global.cert='/nowhere/ca.pem'
global.extra-index-url='file://{folder}/index/simple https://user:secret@packages.example.com/simple'
global.find-links='{folder}/wheels'
install.timeout='30'
list.format='columns'
"""


def test_our_own_dockerfile_is_understood_to_its_end() -> None:
    build, image = dockerfile.stages()
    assert (build.name, image.name) == ("build", None)
    assert Official.parse(build.base) == Official.parse(image.base)
    for word in ("CMD", "HEALTHCHECK"):
        step = image.last(word)
        assert step is not None
        assert step.command
        assert all(seconds(step.flags[name]) for name in step.flags if name != "retries")
    assert [each for each in image.steps if each.word == "COPY" and each.flags == {"from": "build"}]


def test_lines_are_joined_and_comments_left_out_even_between_them() -> None:
    text = 'FROM a AS b\n# one\nRUN x \\\n# two\n && y\n\nCMD ["z"]\n'
    assert [str(each) for each in read_instructions(text)] == ["FROM a AS b", "RUN x  && y", 'CMD ["z"]']


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nADD b c",
        "FROM a\nARG b",
        'FROM a\nSHELL ["b"]',
        "FROM --platform=a b",
        "FROM a\nRUN <<END\nb\nEND",
        "# escape=`\nFROM a",
        "RUN a",
        "FROM a\nRUN b \\",
        "from a",
    ],
)
def test_what_is_not_known_is_refused_and_never_skipped(text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_stages(text)


def test_a_command_in_shell_form_is_refused() -> None:
    with pytest.raises(NotUnderstood):
        _ = Instruction("CMD", "darkroom web").command


@pytest.mark.parametrize("step", ["COPY --chown=1:1 a b", "COPY *.py b", "COPY --link a b"])
def test_a_copy_that_is_not_known_is_refused(step: str, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises((NotUnderstood, NotInContext)):
        copy_from_context(Instruction(*step.split(" ", 1)), tmp_path, Ignore([]), tmp_path / "root", "/")


def test_variables_mean_what_was_known_before_their_step() -> None:
    step = Instruction("ENV", 'PATH=/a:$PATH B="two words" C=${B}')
    assert environment_of(step, {"PATH": "/b", "B": "old"}) == {"PATH": "/a:/b", "B": "two words", "C": "old"}


@pytest.mark.parametrize("given", ["1h30m", "10", "", "s"])
def test_a_duration_of_another_form_is_refused(given: str) -> None:
    with pytest.raises(NotUnderstood):
        seconds(given)


@pytest.mark.parametrize(
    ("path", "is_let_in"),
    [
        ("requirements.txt", True),
        ("app/web/studio/index.html", True),
        ("scripts/deploy/healthy.py", True),
        (".env", False),
        (".git/config", False),
        ("data/pg18/PG_VERSION", False),
        ("scripts/deploy/compose.yaml", False),
        ("tests/conftest.py", False),
        ("requirements-dev.txt", False),
        ("app/__pycache__/cli.pyc", False),
        ("app/web/__pycache__/any/thing", False),
    ],
)
def test_our_own_dockerignore_lets_in_what_the_image_needs(path: str, is_let_in: bool) -> None:
    assert Ignore(dockerfile.IGNORED.read_text().splitlines()).lets_in(path) is is_let_in


@pytest.mark.parametrize(
    ("rule", "matched", "unmatched"),
    [
        ("*.py", ["a.py"], ["a/b.py", "a.pyc"]),
        ("**/*.py", ["a.py", "a/b/c.py"], ["a.pyc"]),
        ("a/**", ["a/b", "a/b/c"], ["b/a"]),
        ("a?", ["ab", "ab/c"], ["a", "abc", "a/"]),
        ("[ab].txt", ["a.txt"], ["c.txt", "ab.txt"]),
        ("/a/", ["a", "a/b"], ["b/a"]),
        ("a.b", ["a.b"], ["acb"]),
        (r"\*", ["*"], ["a"]),
    ],
)
def test_rules_mean_what_docker_means_by_them(rule: str, matched: list[str], unmatched: list[str]) -> None:
    ignore = Ignore(["# a comment", "", rule])
    assert [path for path in [*matched, *unmatched] if not ignore.lets_in(path)] == matched


def test_the_last_rule_that_matches_decides() -> None:
    ignore = Ignore(["a", "!a/b", "a/b/c"])
    assert [ignore.lets_in(path) for path in ("a/x", "a/b", "a/b/x", "a/b/c", "z")] == [False, True, True, False, True]


def test_a_copied_folder_lacks_what_is_kept_out(tmp_path: Path) -> None:
    for path in ("app/a.py", "app/__pycache__/a.pyc", "app/deep/__pycache__/b.pyc", "app/deep/b.py"):
        file = tmp_path / "context" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    step, ignore = Instruction("COPY", "app app"), Ignore(["**/__pycache__"])
    copy_from_context(step, tmp_path / "context", ignore, tmp_path / "root", "/srv")
    assert _tree(tmp_path / "root") == {"srv/app/a.py", "srv/app/deep/b.py"}


def test_files_are_copied_into_a_folder_or_as_a_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    (tmp_path / "a").chmod(0o640)
    for words in ("a b ./", "a /etc/c"):
        copy_from_context(Instruction("COPY", words), tmp_path, Ignore([]), tmp_path / "root", "/srv")
    assert _tree(tmp_path / "root") == {"srv/a", "srv/b", "etc/c"}
    assert (tmp_path / "root/etc/c").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("source", ["absent", "secret"])
def test_what_is_not_in_the_context_cannot_be_copied(source: str, tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    with pytest.raises(NotInContext):
        copy_from_context(Instruction("COPY", f"{source} x"), tmp_path, Ignore(["*"]), tmp_path / "root", "/")


def test_pip_is_lent_the_way_to_its_index_and_nothing_else(tmp_path: Path) -> None:
    for name in ("index/simple", "wheels"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "ca.pem").touch()
    given = loan(LISTED.format(folder=tmp_path), {"HTTPS_PROXY": "http://proxy:1", "SKYTELLS_API_KEY": "sk-real"})
    assert given.variables == {
        "PIP_CERT": f"{tmp_path}/ca.pem",
        "PIP_EXTRA_INDEX_URL": f"file://{tmp_path}/index/simple https://user:secret@packages.example.com/simple",
        "PIP_FIND_LINKS": f"{tmp_path}/wheels",
        "PIP_TIMEOUT": "30",
        "HTTPS_PROXY": "http://proxy:1",
    }
    assert set(given.places) == {tmp_path / "ca.pem", tmp_path / "index", tmp_path / "wheels"}
    assert "secret" not in repr(given)


def test_what_is_missing_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = " ".join(machine.missing())
    assert "mmdebstrap (apt-get install mmdebstrap)" in said
    assert ("root" in said) is (os.geteuid() != 0)


def test_an_interpreter_that_is_absent_or_of_another_version_stands_in_for_nothing(tmp_path: Path) -> None:
    assert find_interpreter(str(tmp_path / "python3.12"), "3.12") is None
    assert find_interpreter("python3", "2.7") is None


def test_the_trial_is_as_strict_as_compose_yaml() -> None:
    service = Service.read("web-a")
    assert (service.volume, service.tmpfs) == ("/var/lib/darkroom", ["/tmp"])
    assert (service.grace_seconds, service.memory_mib) == (15, 512)
    assert service.production["ENVIRONMENT"] == "production"
    assert not [value for value in service.production.values() if "${" in value]


def test_a_layer_is_as_large_as_its_files_each_counted_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(1_500_000))
    os.link(tmp_path / "a", tmp_path / "b")
    (tmp_path / "c").symlink_to("a")
    assert megabytes(tmp_path) == 1.5


def _tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
