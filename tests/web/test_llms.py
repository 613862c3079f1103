"""`/llms.txt` after llmstxt.org, and the whole reference: complete, true, and for whoever may read `/docs`."""

import re

from app.web.llms.reference import reference
from app.web.openapi import document
from app.web.operations import OPERATIONS
from tests.house import House
from tests.web.problems import assert_problem

URL = "https://darkroom.example"
LINK = re.compile(r"- \[(.+)\]\((\S+)\): .+")


async def test_it_has_the_shape_that_is_expected(standing: House) -> None:
    """A title, a summary, details, then sections which are nothing but lists of links."""
    answer = await standing.client.get("/llms.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    title, summary, details, *sections = re.split(r"\n\n(?=> |- |## )", answer.text.strip(), maxsplit=2)
    assert title == "# Darkroom"
    assert summary.startswith("> ") and "\n" not in summary
    lists = re.split(r"^## .+$", details, flags=re.MULTILINE)[1:]
    assert len(lists) > 5
    assert sections == []
    assert all(LINK.fullmatch(line) for each in lists for line in each.strip().split("\n"))


async def test_its_links_lead_somewhere(standing: House) -> None:
    text = (await standing.client.get("/llms.txt")).text
    links = [url for _, url in LINK.findall(text)]
    assert {f"{operation.method.upper()} {operation.path}" for operation in OPERATIONS} <= set(
        re.findall(r"\[(.+?)\]", text)
    )
    page = (await standing.client.get("/docs")).text
    for link in links:
        path, _, anchor = link.removeprefix(str(standing.client.base_url)).partition("#")
        assert (await standing.client.get(path)).status_code == 200, link
        assert not anchor or f'id="{anchor}"' in page


async def test_the_reference_has_everything_in_it(standing: House) -> None:
    text = (await standing.client.get("/llms-full.txt")).text
    for operation in OPERATIONS:
        (part,) = re.findall(rf"### {operation.method.upper()} {re.escape(operation.path)}\n(.*?)\n##", text, re.DOTALL)
        assert operation.summary in part
        assert all(f"`{each['name']}" in part for each in operation.parameters)
        assert f"- {operation.status}: " in part
        assert "```bash\ncurl" in part or "openssl" in part
    assert all(f"`{code}`" in text for operation in OPERATIONS for code in operation.problems)


def test_every_shape_that_it_names_stands_in_it_once() -> None:
    found, text = document(URL), reference(document(URL))
    sections = re.findall(r"^### (\w+)$", text, re.MULTILINE)
    assert sorted(sections) == sorted(found["components"]["schemas"])
    assert "$ref" not in text


async def test_through_a_tunnel_both_are_for_those_with_a_key(development: House) -> None:
    for path in ("/llms.txt", "/llms-full.txt"):
        assert (await development.client.get(path)).status_code == 200
        through = await development.client.get(path, headers={"x-forwarded-for": "203.0.113.7"})
        assert_problem(through, 401, "unauthenticated")
