"""What owners publish is seen by everybody, at once and no longer than they wish; what is private is not."""

import re
from typing import Any

import pytest

from app.actions.quarantine_outputs import quarantine_outputs, release_outputs
from app.web.gallery.titles import title_of
from tests.house import House
from tests.web.problems import assert_problem
from tests.web.steps import database_of, file_stored, key_for

PIXEL = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\5\xfe\2"
    b"\xfe\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82"
)
HOSTILE = '"><script>alert(1)</script>\u202e<img src=x onerror=alert(2)>'


async def finished(house: House, prompt: str = "a red fox", content_type: str = "image/png") -> str:
    """The id of a prediction that has ended well."""
    key = await file_stored(house, PIXEL, content_type, "png")
    (row,) = await house.rows(
        "UPDATE predictions SET status = 'succeeded', stage = 'done', work = NULL, reported_at = now(), "
        "completed_at = now(), "
        "input = jsonb_build_object('prompt', $2::text, 'secret', 'not for you'), metadata = '{\"customer\": 7}' "
        "WHERE id = (SELECT prediction_id FROM files WHERE key = $1) RETURNING id",
        key,
        prompt,
    )
    return str(row["id"])


async def published(house: House, prompt: str = "a red fox", content_type: str = "image/png") -> str:
    made = await finished(house, prompt, content_type)
    answer = await house.client.post(f"/api/predictions/{made}/publish")
    assert (answer.status_code, answer.json()["published"]) == (200, True)
    return made


async def shown(house: House) -> list[str]:
    return [each["id"] for each in (await house.client.get("/api/gallery?limit=100")).json()["data"]]


async def test_what_is_published_is_seen_and_what_is_taken_back_is_not(standing: House) -> None:
    made = await finished(standing)
    path = f"/api/predictions/{made}"
    assert (await standing.client.get(path)).json()["published"] is False
    assert made not in await shown(standing)
    etag = (await standing.client.get(path)).headers["etag"]
    for _ in range(2):
        assert (await standing.client.post(f"{path}/publish")).json()["published"] is True
    assert (await standing.client.get(path)).headers["etag"] != etag
    assert made in await shown(standing)
    assert (await standing.client.get(f"/gallery/{made}")).status_code == 200
    for _ in range(2):
        assert (await standing.client.delete(f"{path}/publish")).json()["published"] is False
    assert made not in await shown(standing)
    assert (await standing.client.get(f"/gallery/{made}")).status_code == 404
    kinds = [each["kind"] for each in (await standing.client.get(f"{path}/receipt")).json()["timeline"]]
    assert [kind for kind in kinds if "publish" in kind] == ["published", "unpublished"]


async def test_only_what_ended_well_can_be_published(standing: House) -> None:
    made = (await standing.create()).json()["id"]
    assert_problem(await standing.client.post(f"/api/predictions/{made}/publish"), 409, "not_publishable")
    await standing.rows("UPDATE predictions SET status = 'failed', stage = 'done' WHERE id = $1", made)
    assert_problem(await standing.client.post(f"/api/predictions/{made}/publish"), 409, "not_publishable")


async def test_only_its_owner_publishes_it(locked: House) -> None:
    ann, bob = {"x-api-key": await key_for(locked)}, {"x-api-key": await key_for(locked)}
    body = {"model": "truefusion-pro", "input": {"prompt": "a fox"}}
    made = (await locked.client.post("/api/predictions", json=body, headers=ann)).json()["id"]
    for method in ("POST", "DELETE"):
        answer = await locked.client.request(method, f"/api/predictions/{made}/publish", headers=bob)
        assert_problem(answer, 404, "prediction_not_found")


async def test_everybody_sees_it_without_a_key_and_nothing_private(standing: House) -> None:
    made = await published(standing)
    tunnel = {"X-Forwarded-For": "203.0.113.7", "Host": "abc.ngrok.app"}
    answers = [
        await standing.client.get(path, headers=tunnel) for path in ("/api/gallery", "/gallery", f"/gallery/{made}")
    ]
    assert [answer.status_code for answer in answers] == [200] * 3
    (item,) = [each for each in answers[0].json()["data"] if each["id"] == made]
    assert set(item) == {"id", "prompt", "provider", "model", "files", "published_at", "url"}
    assert set(item["files"][0]) == {"url", "content_type", "width", "height", "thumbnail_url", "thumbhash"}
    (row,) = await standing.rows("SELECT client_token, callback_token FROM predictions WHERE id = $1", made)
    private = ("not for you", "customer", "development", row["client_token"], row["callback_token"], "0.03")
    for answer in answers:
        assert not [word for word in private if word in answer.text]
        assert answer.headers["cache-control"] == "no-cache"
        assert "noindex" in answer.headers["x-robots-tag"]


async def test_quarantine_and_deletion_take_it_out_at_once(standing: House) -> None:
    made = await published(standing)
    async with database_of(standing) as database:
        await quarantine_outputs(database, made)  # type: ignore[arg-type]
        assert made not in await shown(standing)
        assert (await standing.client.get(f"/gallery/{made}")).status_code == 404
        taken = await standing.client.delete(f"/api/predictions/{made}/publish")
        assert taken.status_code == 200
        assert_problem(await standing.client.post(f"/api/predictions/{made}/publish"), 409, "not_publishable")
        await release_outputs(database, made)  # type: ignore[arg-type]
    assert (await standing.client.post(f"/api/predictions/{made}/publish")).status_code == 200
    assert made in await shown(standing)
    assert (await standing.client.delete(f"/api/predictions/{made}")).status_code == 200
    assert made not in await shown(standing)
    assert (await standing.client.get(f"/gallery/{made}")).status_code == 404


async def test_pages_follow_each_other(standing: House) -> None:
    made = [await published(standing, f"number {number}") for number in range(3)][::-1]
    first = (await standing.client.get("/api/gallery?limit=2")).json()
    assert [each["id"] for each in first["data"]] == made[:2]
    second = (await standing.client.get(f"/api/gallery?limit=1&cursor={first['next']}")).json()
    assert [each["id"] for each in second["data"]] == made[2:]
    page = (await standing.client.get("/gallery?limit=2")).text
    assert f'href="/gallery?cursor={first["next"]}"' in page and "Newest" not in page
    assert "number 0" in (await standing.client.get(f"/gallery?cursor={first['next']}")).text


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=%21", "cursor=a&cursor=b"])
async def test_a_parameter_that_is_none(standing: House, query: str) -> None:
    assert_problem(await standing.client.get(f"/api/gallery?{query}"), 422, "invalid_request")
    answer = await standing.client.get(f"/gallery?{query}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/gallery")


async def test_its_page_tells_others_what_to_show(standing: House) -> None:
    made = await published(standing, "a red fox in the snow " * 20)
    text = (await standing.client.get(f"/gallery/{made}")).text
    view: dict[str, Any] = (await standing.client.get(f"/api/predictions/{made}")).json()
    told = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', text))
    assert told["og:image"] == told["twitter:image"] == view["output"][0]
    assert told["og:url"] == f"http://127.0.0.1:{standing.settings.port}/gallery/{made}"
    assert told["twitter:card"] == "summary_large_image"
    assert told["og:title"].startswith("a red fox in the snow") and len(told["og:title"]) <= 70
    assert told["robots"].startswith("noindex")
    assert f'alt="{told["og:title"]}"' in text


async def test_what_people_write_stays_text(standing: House) -> None:
    made = await published(standing, HOSTILE)
    for path in ("/gallery", f"/gallery/{made}"):
        answer = await standing.client.get(path)
        assert "<script" not in answer.text and "<img src=x" not in answer.text
        assert "&lt;script&gt;" in answer.text
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-") and "script" not in policy


async def test_films_and_sounds_can_be_played(standing: House) -> None:
    for kind in ("video", "audio"):
        made = await published(standing, content_type=f"{kind}/mp4")
        assert f"<{kind} src=" in (await standing.client.get(f"/gallery/{made}")).text
        assert (await standing.client.get("/gallery")).status_code == 200


async def test_an_empty_gallery_says_how_it_is_filled(front: House) -> None:
    assert (await front.client.get("/api/gallery")).json() == {"data": [], "next": None}
    assert "Nothing is shown yet." in (await front.client.get("/gallery")).text


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("", "Untitled"),
        (" \n ", "Untitled"),
        ("a red\n fox", "a red fox"),
        ("\u202eabc\0", "abc"),
        ("x" * 200, "x" * 69 + "…"),
        ("word " * 50, "word " * 12 + "word…"),
    ],
)
def test_a_title_is_one_short_line(prompt: str, title: str) -> None:
    assert title_of(prompt) == title
