"""What is decided before anything runs: phases, strikes, seeds, builds, names of boundaries, samples."""

from pathlib import Path

import pytest

from scripts.faultrun import nemesis
from scripts.faultrun.builds import Edit, Stale, make_build
from scripts.faultrun.misbehaviour import SHARES, TRUE_FOR_OUTPUTS, true_output_failures
from scripts.faultrun.order import LEASE_SECONDS, Phases, seeds_of
from scripts.faultrun.plants import Plants
from scripts.faultrun.sweep.boundaries import Boundary, request_name, statement_name, ways_of
from scripts.faultrun.sweep.sweep import sample
from scripts.faultrun.windows import common, joined, overlap


def test_ten_minutes_are_as_specified_and_two_fit_into_ci() -> None:
    ten, two = Phases.of(10), Phases.of(2)
    assert (ten.quiet, ten.faults, ten.blackout, ten.drain) == (20, 420, 40, 60)
    assert two.quiet + two.faults + two.drain < 140
    assert two.blackout >= 10


def test_the_same_seed_plans_the_same_strikes() -> None:
    assert nemesis.plan(3, 84) == nemesis.plan(3, 84) != nemesis.plan(4, 84)


def test_ten_minutes_have_two_hundred_kills_and_forty_five_freezes() -> None:
    strikes = nemesis.plan(1, 420)
    kinds = [strike.kind for strike in strikes]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == nemesis.KINDS
    assert sum(kinds.count(kind) for kind in nemesis.KILLS) == 200
    assert all(0 <= strike.at < 420 for strike in strikes)
    assert [strike.at for strike in strikes] == sorted(strike.at for strike in strikes)
    assert max(strike.seconds for strike in strikes if strike.kind == "freeze") > LEASE_SECONDS


def test_a_short_run_has_every_kind() -> None:
    assert {strike.kind for strike in nemesis.plan(1, 10)} == set(nemesis.KINDS)


@pytest.mark.parametrize(("text", "seeds"), [("7", (7,)), ("1-3", (1, 2, 3)), ("1,5-6,1", (1, 5, 6))])
def test_seeds_are_read(text: str, seeds: tuple[int, ...]) -> None:
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "3-1", "1-5000"])
def test_what_is_no_seed_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        seeds_of(text)


def test_faults_that_no_retry_cures_make_their_failure_true() -> None:
    assert set(TRUE_FOR_OUTPUTS) - {"lured"} <= set(SHARES)
    found = [true_output_failures(1, ordinal, f"id-{ordinal}") for ordinal in range(2_000)]
    assert {code for codes in found for code in codes} == {"output_lost", "output_rejected"}
    assert sum(map(bool, found)) < 200


def test_a_build_is_a_copy_with_its_edit(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "app").mkdir(parents=True)
    (tree / "app" / "one.py").write_text("answer = 41\n")
    (tree / "alembic.ini").write_text("")
    plain = make_build(tree, tmp_path / "plain")
    edited = make_build(tree, tmp_path / "edited", [Edit("app/one.py", "41", "42")])
    assert (tmp_path / "edited" / "app" / "one.py").read_text() == "answer = 42\n"
    assert (tree / "app" / "one.py").read_text() == "answer = 41\n"
    assert plain.fingerprint != edited.fingerprint


@pytest.mark.parametrize(("path", "old"), [("app/one.py", "43"), ("app/one.py", "4"), ("app/two.py", "41")])
def test_an_edit_whose_text_is_not_there_once_is_stale(tmp_path: Path, path: str, old: str) -> None:
    tree = tmp_path / "tree"
    (tree / "app").mkdir(parents=True)
    (tree / "app" / "one.py").write_text("answer = 44\n")
    with pytest.raises(Stale):
        make_build(tree, tmp_path / "edited", [Edit(path, old, "42")])


def test_windows_are_joined_and_measured() -> None:
    windows = joined([(5, 8), (1, 3), (2, 4)])
    assert windows == [(1, 4), (5, 8)]
    assert overlap((3, 6), windows) == 2
    assert common(windows, [(0, 2), (7, 9)]) == [(1, 2), (7, 8)]


def test_plants_are_found_where_they_must_not_be() -> None:
    plants = Plants.fresh(1)
    assert plants.found_in_log(b"nothing here") == []
    tokens = f"?t={'x' * 32} ct_{'y' * 32} dk_ab_{'z' * 32}"
    shown = f"{plants.api_key} {plants.webhook_secret} {plants.prompt('ann', 1)} {tokens}"
    assert len(plants.found_in_log(shown.encode())) == 6


def test_an_answer_may_show_its_owner_s_prompt_and_a_create_its_token() -> None:
    plants = Plants.fresh(1)
    own = f"{plants.prompt('ann', 1)} ct_{'y' * 32}".encode()
    assert plants.found_in_answer(own, is_create=True, owner="ann") == []
    assert plants.found_in_answer(own, is_create=False, owner="ann") == ["client token"]
    assert plants.found_in_answer(own, is_create=True, owner="ben") == ["another owner's prompt"]


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("COMMIT;", "COMMIT"),
        ("SELECT now() AS now_1", "SELECT"),
        ("INSERT INTO predictions (id) VALUES ($1)", "INSERT INTO predictions"),
        ("UPDATE predictions SET b=$1, a=(now() + $2) WHERE predictions.id = $3", "UPDATE predictions (a, b)"),
        ("WITH x AS (SELECT 1) DELETE FROM jobs.pgqueuer", "SELECT jobs.pgqueuer"),
    ],
)
def test_statements_are_named(sql: str, name: str) -> None:
    assert statement_name(sql) == name


def test_requests_are_named_without_what_differs_in_every_life() -> None:
    path = "/cdn/4494b2fa-ecec-4abc-b27f-0641271bed87/0.png?stale=1"
    assert request_name("GET", path) == "GET /cdn/…/0.png"


def test_a_sample_is_the_seed_s_and_has_every_way() -> None:
    boundaries = [Boundary("api", name, 1) for name in ("POST /v1/predictions", "reply to POST /v1/predictions")]
    boundaries += [Boundary("pg-web-1", "COMMIT of INSERT INTO predictions", nth) for nth in range(1, 9)]
    every = sample(boundaries, 1, 1)
    assert len(every) == sum(len(ways_of(boundary)) for boundary in boundaries) == 3 + 2 + 24
    some = sample(boundaries, 0.2, 1)
    assert some == sample(boundaries, 0.2, 1)
    assert {cut.how for cut in some} == {"before", "after", "cut"}
    assert len(some) == round(0.2 * len(every))
