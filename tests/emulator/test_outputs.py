import gzip
import hashlib
import io
import struct
import wave

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scripts.emulator import films, posters
from scripts.emulator.outputs import Padding
from scripts.emulator.spoiled import BOMB_SIDE
from tests.emulator.buying import Shop
from tests.emulator.waiting import until


@pytest.mark.parametrize(
    ("model", "wish", "size"),
    [
        ("truefusion", {}, (1024, 1024)),
        ("truefusion", {"aspect_ratio": "16:9"}, (1344, 768)),
        ("truefusion-pro", {"width": 512, "height": 768}, (512, 768)),
        ("truefusion-pro", {"width": 2048}, (2048, 1024)),
        ("truefusion-pro", {"aspect_ratio": "9:16"}, (768, 1344)),
    ],
)
async def test_pictures_have_the_size_that_was_asked_for(
    shop: Shop, model: str, wish: dict[str, object], size: tuple[int, int]
) -> None:
    told = await shop.finished(model, input=wish)
    picture = Image.open(io.BytesIO((await shop.client.get(told["output"][0])).content))
    picture.load()
    assert (picture.format, picture.size) == ("PNG", size)


async def test_the_same_order_yields_the_same_picture(shop: Shop) -> None:
    one, two = [await shop.finished("truefusion", input={"number_of_images": 2}) for _ in range(2)]
    pictures = [(await shop.client.get(url)).content for told in (one, two) for url in told["output"]]
    assert pictures[:2] == pictures[2:]
    assert pictures[0] != pictures[1]


async def test_the_truth_about_files_is_told(shop: Shop) -> None:
    told = await shop.finished()
    content = (await shop.client.get(told["output"][0])).content
    [file] = (await shop.client.get("/_outputs")).json()[told["id"]]
    assert (file["url"], file["size"]) == (told["output"][0], len(content))
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["metadata"]["storage"]["files"][0]["size"] == len(content)


@pytest.mark.parametrize("size", [1_000_000, 100_001])
async def test_a_picture_can_have_an_exact_size_in_bytes(shop: Shop, size: int) -> None:
    await shop.dialect(output_bytes=size)
    told = await shop.finished()
    content = (await shop.client.get(told["output"][0])).content
    assert len(content) == size
    picture = Image.open(io.BytesIO(content))
    picture.verify()
    assert picture.size == (1024, 1024)


def test_posters_are_pictures_with_the_prompt_in_them() -> None:
    poster = posters.poster("seed", (512, 512), "a red fox", "truefusion")
    assert poster == posters.poster("seed", (512, 512), "a red fox", "truefusion")
    assert poster != posters.poster("seed", (512, 512), "a blue fox", "truefusion")
    assert Image.open(io.BytesIO(poster)).size == (512, 512)


@pytest.mark.parametrize("prompt", ["", "狐" * 200, "word" * 500, "\0\n\x1b[31m", "a b " * 400])
def test_no_prompt_breaks_a_poster(prompt: str) -> None:
    assert posters.poster("seed", (256, 2048), prompt, "label")


async def test_a_clip_is_an_mp4_of_the_wanted_length(shop: Shop) -> None:
    told = await shop.finished("truefusion-video", input={"duration_seconds": 3, "fps": 30})
    reply = await shop.client.get(told["output"][0])
    assert reply.headers["content-type"] == "video/mp4"
    assert [name for name, _ in boxes(reply.content)] == [b"ftyp", b"moov", b"mdat"]
    header = dict(boxes(dict(boxes(reply.content))[b"moov"]))[b"mvhd"]
    assert struct.unpack(">2I", header[12:20]) == (30, 90)
    assert told["metadata"]["billing"]["credits_used"] == 0.8


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    while data:
        size, name = struct.unpack(">I4s", data[:8])
        found.append((name, data[8:size]))
        data = data[size:]
    return found


def test_samples_of_a_clip_lie_where_its_table_says() -> None:
    clip = films.mp4("seed", {"duration_seconds": 3})
    sizes_at, offset_at = clip.index(b"stsz"), clip.index(b"stco")
    (count,) = struct.unpack(">I", clip[sizes_at + 12 : sizes_at + 16])
    sizes = struct.unpack(f">{count}I", clip[sizes_at + 16 : sizes_at + 16 + 4 * count])
    (offset,) = struct.unpack(">I", clip[offset_at + 12 : offset_at + 16])
    assert offset == clip.index(b"mdat") + 4
    assert offset + sum(sizes) == len(clip)
    assert clip[offset + 4] == 0x65


async def test_a_tune_is_a_wave_file(shop: Shop) -> None:
    told = await shop.finished("beatfusion-2.0", input={"sample_rate": 16000})
    content = (await shop.client.get(told["output"][0])).content
    with wave.open(io.BytesIO(content)) as sound:
        assert sound.getframerate() == 16_000
        assert sound.getnframes() > 16_000


async def test_downloads_carry_length_and_tag_and_no_permission_for_browsers(shop: Shop) -> None:
    url = (await shop.finished())["output"][0]
    reply = await shop.client.get(url)
    assert int(reply.headers["Content-Length"]) == len(reply.content)
    assert "access-control-allow-origin" not in reply.headers
    again = await shop.client.get(url, headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await shop.client.head(url)
    assert (head.headers["Content-Length"], head.content) == (reply.headers["Content-Length"], b"")


@pytest.mark.parametrize(
    ("range_", "span"),
    [
        ("bytes=0-99", (0, 100)),
        ("bytes=100-", (100, 1000)),
        ("bytes=-10", (990, 1000)),
        ("bytes=5-9999", (5, 1000)),
    ],
)
async def test_a_range_is_a_part_of_the_whole(shop: Shop, range_: str, span: tuple[int, int]) -> None:
    whole = (await shop.client.get("/cdn/bytes/1000?seed=3")).content
    reply = await shop.client.get("/cdn/bytes/1000?seed=3", headers={"Range": range_})
    assert reply.status_code == 206
    assert reply.content == whole[slice(*span)]
    assert reply.headers["Content-Range"] == f"bytes {span[0]}-{span[1] - 1}/1000"


async def test_a_range_outside_is_refused(shop: Shop) -> None:
    reply = await shop.client.get("/cdn/bytes/1000", headers={"Range": "bytes=1000-"})
    assert (reply.status_code, reply.headers["Content-Range"]) == (416, "bytes */1000")


async def test_any_number_of_bytes_can_be_had(shop: Shop) -> None:
    size = 50_000_000
    async with shop.client.stream("GET", f"/cdn/bytes/{size}?seed=1&type=video/mp4") as reply:
        assert reply.headers["content-type"] == "video/mp4"
        assert sum([len(piece) async for piece in reply.aiter_bytes()]) == size


@given(st.integers(0, 600_000), st.integers(0, 600_000))
def test_padding_reads_the_same_from_anywhere(one: int, other: int) -> None:
    padding, (start, stop) = Padding("seed", 600_000), sorted((one, other))
    assert b"".join(padding.pieces(start, stop)) == WHOLE[start:stop]


WHOLE = b"".join(Padding("seed", 600_000).pieces(0, 600_000))


async def test_outputs_go_and_their_names_stay(shop: Shop) -> None:
    told = await shop.finished()
    assert (told["metadata"]["data_available"], told["metadata"]["data_removed"]) == (True, False)
    await shop.dialect(retention=0.01)
    await until(lambda: _gone(shop, told["output"][0]))
    later = await shop.get(told["id"])
    assert later["output"] == told["output"]
    assert (later["metadata"]["data_available"], later["metadata"]["data_removed"]) == (False, True)


async def test_outputs_may_go_early(shop: Shop) -> None:
    await shop.faults(expire_early={"share": 1, "seconds": 0})
    told = await shop.finished()
    assert await _gone(shop, told["output"][0])


async def _gone(shop: Shop, url: str) -> bool:
    return (await shop.client.get(url)).status_code == 404


@pytest.mark.parametrize(("fault", "status"), [("cdn_500", 500), ("cdn_429", 429)])
async def test_a_failed_download_works_the_second_time(shop: Shop, fault: str, status: int) -> None:
    await shop.faults(**{fault: 1})
    url = (await shop.finished())["output"][0]
    assert [(await shop.client.get(url)).status_code for _ in range(2)] == [status, 200]


@pytest.mark.parametrize("fault", ["cdn_reset", "cdn_truncate", "cdn_truncate_chunked"])
async def test_a_broken_download_breaks_once(shop: Shop, fault: str) -> None:
    await shop.faults(**{fault: 1})
    url = (await shop.finished())["output"][0]
    with pytest.raises(httpx.TransportError):
        await shop.client.get(url)
    assert (await shop.client.get(url)).status_code == 200


async def test_a_fault_may_hit_one_output_of_several(shop: Shop) -> None:
    await shop.faults(cdn_404={"share": 1, "position": 2})
    told = await shop.finished(input={"num_outputs": 4})
    assert [(await shop.client.get(url)).status_code for url in told["output"]] == [200, 200, 404, 200]


async def test_a_stalled_download_stands_still(shop: Shop) -> None:
    await shop.faults(cdn_stall=1)
    url = (await shop.finished())["output"][0]
    with pytest.raises(httpx.ReadTimeout):
        await shop.client.get(url, timeout=0.2)


@pytest.mark.parametrize("fault", ["cdn_close", "cdn_drip", "cdn_gzip", "cdn_redirect", "cdn_wrong_type"])
async def test_odd_downloads_are_whole(shop: Shop, fault: str) -> None:
    told = await shop.finished()
    url = told["output"][0]
    honest = (await shop.client.get(url)).content
    await shop.faults(**{fault: {"share": 1} | ({"seconds": 0.2} if fault == "cdn_drip" else {})})
    odd = await shop.client.get(url, follow_redirects=True)
    assert odd.content == honest
    match fault:
        case "cdn_close":
            assert "Content-Length" not in odd.headers
            assert "Transfer-Encoding" not in odd.headers
        case "cdn_gzip":
            assert odd.headers["Content-Encoding"] == "gzip"
        case "cdn_wrong_type":
            assert odd.headers["Content-Type"].startswith("text/html")
        case "cdn_redirect":
            assert odd.history[0].status_code == 302


async def test_a_wrong_length_is_too_short_for_its_body(shop: Shop) -> None:
    told = await shop.finished()
    size = told["metadata"]["storage"]["files"][0]["size"]
    await shop.faults(cdn_wrong_length=1)
    async with shop.client.stream("GET", told["output"][0]) as reply:
        assert int(reply.headers["Content-Length"]) < size


async def test_a_cut_gzip_does_not_unpack(shop: Shop) -> None:
    await shop.faults(cdn_truncate_gzip=1)
    url = (await shop.finished())["output"][0]
    async with shop.client.stream("GET", url) as reply:
        raw = b"".join([piece async for piece in reply.aiter_raw()])
    assert int(reply.headers["Content-Length"]) == len(raw)
    with pytest.raises(EOFError):
        gzip.decompress(raw)


@pytest.mark.parametrize(
    ("fault", "start"),
    [("cdn_html", b"<!doctype html>"), ("cdn_svg", b"<svg"), ("cdn_pixel_bomb", b"\x89PNG")],
)
async def test_hostile_bodies_come_instead_of_pictures(shop: Shop, fault: str, start: bytes) -> None:
    await shop.faults(**{fault: 1})
    content = (await shop.client.get((await shop.finished())["output"][0])).content
    assert content.startswith(start)
    if fault == "cdn_pixel_bomb":
        assert struct.unpack(">2I", content[16:24]) == (BOMB_SIDE, BOMB_SIDE)


async def test_a_redirect_may_lead_inside(shop: Shop) -> None:
    await shop.faults(cdn_redirect_private=1)
    reply = await shop.client.get((await shop.finished())["output"][0])
    assert reply.headers["Location"].startswith("http://169.254.169.254/")


async def test_an_endless_body_goes_on(shop: Shop) -> None:
    await shop.faults(cdn_endless=1)
    told = await shop.finished()
    size = told["metadata"]["storage"]["files"][0]["size"]
    seen = 0
    async with shop.client.stream("GET", told["output"][0]) as reply:
        async for piece in reply.aiter_bytes():
            seen += len(piece)
            if seen > size * 50:
                break
    assert seen > size * 50


async def test_changing_bytes_are_whole_each_time(shop: Shop) -> None:
    await shop.faults(cdn_changing=1)
    url = (await shop.finished())["output"][0]
    pictures = [(await shop.client.get(url)).content for _ in range(3)]
    assert len(set(pictures)) == 3
    for picture in pictures:
        Image.open(io.BytesIO(picture)).verify()
