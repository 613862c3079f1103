"""The readable page: complete, self-contained, and nothing in it that could run."""

import base64
import hashlib
import html
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flit_core import buildapi  # type: ignore[import-untyped]

from app.web.docs.html import Html, joined, prose, tag
from app.web.docs.page import STYLE, written
from app.web.openapi import document
from app.web.operations import OPERATIONS
from app.web.samples import FIELD, LABELS
from tests.emulator.process import ROOT
from tests.house import House

VOID = {"meta", "br", "input"}
OURS = ("/openapi.json", "/llms.txt", "/llms-full.txt")
HOSTILE = """<script>alert("1")</script>'&"""


class Balance(HTMLParser):
    """Collects tags, ids and links, and fails on what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(name)
        self.ids += [value or "" for key, value in attributes if key == "id"]
        self.links += [value or "" for key, value in attributes if key in ("href", "src")]
        assert not [key for key, _ in attributes if key.startswith("on") or key == "style"]
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name


def read(page: str) -> Balance:
    found = Balance()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


async def test_every_operation_stands_on_the_page(standing: House) -> None:
    answer = await standing.client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    found, told = read(answer.text), document(str(standing.client.base_url))
    assert {operation.id for operation in OPERATIONS} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    for operation in OPERATIONS:
        assert operation.path in answer.text
        assert all(code in answer.text for code in operation.problems)
        samples = told["paths"][operation.path][operation.method][FIELD]
        assert [each["label"] for each in samples] == list(LABELS)
        assert all(html.escape(each["source"]) in answer.text for each in samples)


async def test_it_needs_nothing_from_elsewhere_and_runs_nothing(standing: House) -> None:
    found = read((await standing.client.get("/docs")).text)
    assert not found.tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert all(link.startswith("#") or link in OURS for link in found.links)
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)


async def test_its_policy_allows_its_own_style_alone(standing: House) -> None:
    answer = await standing.client.get("/docs")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}';" in policy
    assert "unsafe" not in policy


def test_whatever_the_document_says_is_escaped() -> None:
    found = {**document("https://darkroom.example")}
    found["info"] = {**found["info"], "title": HOSTILE, "description": HOSTILE}
    found["servers"] = [{"url": f"https://{HOSTILE}"}]
    page = written(found, HOSTILE)
    assert "<script" not in page
    read(page)


def test_what_is_no_markup_is_escaped() -> None:
    assert tag("p", HOSTILE, Html("<br>"), title='"') == (
        '<p title="&quot;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#x27;&amp;<br></p>'
    )
    assert prose("a `<b>` c") == "a <code>&lt;b&gt;</code> c"
    assert joined("<", Html("<i></i>")) == "&lt;<i></i>"


def test_the_style_reaches_for_nothing() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert "</" not in STYLE


def test_the_wheel_carries_the_style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    wheel = tmp_path / buildapi.build_wheel(str(tmp_path))
    assert "app/web/docs/style.css" in zipfile.ZipFile(wheel).namelist()
