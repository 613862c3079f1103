"""The public gallery: what owners have published, as data at `/api/gallery` and as pages without scripts at `/gallery`.

Nothing private is in it: no owner, no cost, no metadata, no field of the input but its prompt. Nothing of it is kept by
caches, so that what is taken back, deleted or put in quarantine is gone at the next look; the files themselves are
under addresses that nobody can guess. Search engines are asked to stay out, since they forget slowly: published means
shown to whom one gives the address.
"""

from app.web.gallery.doors import items, page, picture, publish, unpublish

__all__ = ["items", "page", "picture", "publish", "unpublish"]
