"""Pictures, films and sounds in the gallery's pages."""

from app.web.docs.html import Html, tag
from app.web.gallery.titles import title_of
from app.web.schemas import GalleryFile, GalleryItem


def card(item: GalleryItem, public_url: str, *, is_early: bool) -> Html:
    """The picture is a link to its page, and the title its name."""
    title, more = title_of(item.prompt), len(item.files) - 1
    first = item.files[0]
    count = tag("span", f"+{more}", class_="more", title=f"{more} more") if more else Html("")
    looks = _small(first, title, public_url, is_early=is_early)
    link = tag("a", looks, count, tag("span", title, class_="title", dir="auto"), href=f"/gallery/{item.id}")
    return tag("li", link)


def alone(item: GalleryItem, title: str, public_url: str) -> list[Html]:
    """All of it, large."""
    count = len(item.files)
    names = [title if count == 1 else f"{title} ({at} of {count})" for at in range(1, count + 1)]
    return [_large(file, name, public_url) for file, name in zip(item.files, names, strict=True)]


def picture_for_others(item: GalleryItem) -> GalleryFile | None:
    return next((file for file in item.files if _is(file, "image")), None)


def _small(file: GalleryFile, title: str, public_url: str, *, is_early: bool) -> Html:
    if not _is(file, "image"):
        kind = "Film" if _is(file, "video") else "Sound" if _is(file, "audio") else "File"
        return tag("span", kind, class_="kind")
    shown = file.thumbnail_url or file.url
    return _img(shown, title, public_url, file, loading="" if is_early else "lazy")


def _large(file: GalleryFile, name: str, public_url: str) -> Html:
    url = _here(file.url, public_url)
    for kind in ("video", "audio"):
        if _is(file, kind):
            return tag(kind, src=url, preload="metadata", controls="controls", **{"aria-label": name})
    if _is(file, "image"):
        return tag("a", _img(file.url, name, public_url, file), href=url)
    return tag("a", "Download the file", href=url, class_="button")


def _img(url: str, alt: str, public_url: str, file: GalleryFile, *, loading: str = "") -> Html:
    size = {"width": str(file.width or ""), "height": str(file.height or "")}
    made = tag("img", src=_here(url, public_url), alt=alt, decoding="async", loading=loading, **size)
    return Html(made.removesuffix("</img>"))


def _here(url: str, public_url: str) -> str:
    """Ours as a path, which is right under whatever name this machine is called by."""
    return url.removeprefix(public_url) if url.startswith(f"{public_url}/") else url


def _is(file: GalleryFile, kind: str) -> bool:
    return (file.content_type or "").startswith(f"{kind}/")
