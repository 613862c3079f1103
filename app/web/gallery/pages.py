"""The gallery's pages: pictures large, words small, no script; whatever people wrote is escaped."""

import base64
import hashlib
from datetime import datetime
from pathlib import Path

from app.web.docs.html import Html, joined, tag
from app.web.gallery.cards import alone, card, picture_for_others
from app.web.gallery.titles import title_of
from app.web.schemas import GalleryItem, GalleryPage

STYLE = Path(__file__).with_name("style.css").read_text()
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self' https:; media-src 'self' https:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Pictures may lie in a bucket or behind a CDN."""


def wall(found: GalleryPage, public_url: str, *, is_first: bool) -> str:
    cards = [card(each, public_url, is_early=at < 4) for at, each in enumerate(found.data)]
    inside = tag("ul", *cards, class_="wall") if cards else _nothing(is_first=is_first)
    main = tag("main", tag("h1", "Gallery"), tag("p", LEAD, class_="lead"), inside, _paging(found, is_first=is_first))
    return _document("Gallery · Darkroom", _about("Gallery", LEAD, f"{public_url}/gallery"), main)


def single(found: GalleryItem, public_url: str) -> str:
    title = title_of(found.prompt)
    told = [
        tag("h1", title, dir="auto"),
        _prompt(found.prompt) if found.prompt.strip() != title else Html(""),
        tag("p", *_facts(found), class_="facts"),
        tag("p", tag("a", "All pictures", href="/gallery")),
    ]
    main = tag("main", tag("div", *alone(found, title, public_url), class_="shown"), tag("div", *told), class_="single")
    said = f"Made with {found.model}."
    head = joined(_about(title, said, found.url), *_shared_picture(found, title))
    return _document(f"{title} · Darkroom", head, main)


def missing() -> str:
    main = tag(
        "main",
        tag("h1", "This picture is not here"),
        tag("p", "It was taken back, or was never here.", class_="lead"),
        tag("p", tag("a", "See what is", href="/gallery", class_="button")),
    )
    return _document("Not here · Darkroom", Html(""), main)


LEAD = "What was made here, and shown by those who made it."


def _nothing(*, is_first: bool) -> Html:
    if not is_first:
        return tag("p", "There are no more pictures.", class_="empty")
    how = joined("Publish one from the studio, or with ", tag("code", "POST /api/predictions/ID/publish"), ".")
    return tag("div", tag("p", "Nothing is shown yet."), tag("p", how), class_="empty")


def _paging(found: GalleryPage, *, is_first: bool) -> Html:
    links = []
    if not is_first:
        links.append(tag("a", "Newest", href="/gallery", class_="button"))
    if found.next:
        links.append(tag("a", "Older", href=f"/gallery?cursor={found.next}", class_="button", rel="next"))
    return tag("nav", *links, class_="paging", **{"aria-label": "Pages"}) if links else Html("")


def _prompt(text: str) -> Html:
    """A long one scrolls in itself, by keyboard too."""
    return tag("p", text, dir="auto", class_="prompt", tabindex="0", role="region", **{"aria-label": "Prompt"})


def _facts(found: GalleryItem) -> list[str]:
    return [tag("code", found.model), " · ", _day(found.published_at)]


def _day(time: datetime) -> Html:
    return tag("time", f"{time:%-d %B %Y}", datetime=time.isoformat())


def _about(title: str, said: str, url: str) -> Html:
    named = {"og:site_name": "Darkroom", "og:type": "website", "og:title": title, "og:description": said, "og:url": url}
    tags = [_meta(property=name, content=text) for name, text in named.items()]
    return joined(_meta(name="description", content=said), *tags, _link(rel="canonical", href=url))


def _shared_picture(found: GalleryItem, title: str) -> list[Html]:
    """For those who show a link as a card; they want the picture's whole address."""
    large = picture_for_others(found)
    if large is None:
        return [_meta(name="twitter:card", content="summary"), _meta(name="twitter:title", content=title)]
    size = {"og:image:width": large.width, "og:image:height": large.height}
    return [
        _meta(property="og:image", content=large.url),
        *(_meta(property=name, content=str(pixels)) for name, pixels in size.items() if pixels),
        _meta(property="og:image:alt", content=title),
        _meta(name="twitter:card", content="summary_large_image"),
        _meta(name="twitter:title", content=title),
        _meta(name="twitter:image", content=large.url),
        _meta(name="twitter:image:alt", content=title),
    ]


def _meta(**attributes: str) -> Html:
    return Html(tag("meta", **{f"{name}_": value for name, value in attributes.items()}).removesuffix("</meta>"))


def _link(**attributes: str) -> Html:
    return Html(tag("link", **attributes).removesuffix("</link>"))


def _document(title: str, about: Html, main: Html) -> str:
    head = joined(
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex, noimageindex">'),
        tag("title", title),
        about,
        _link(rel="icon", href="/studio/icon.svg", type="image/svg+xml"),
        tag("style", Html(STYLE)),
    )
    bar = tag("header", tag("a", "Darkroom", href="/", class_="brand"), tag("a", "Gallery", href="/gallery"))
    return "<!doctype html>" + tag("html", tag("head", head), tag("body", bar, main), lang="en")
