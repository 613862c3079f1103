"""`/openapi.json`, and `/docs`, the same for people: one page without scripts, made from the document alone.

`shapes` reads JSON Schema, `page` lays the page out, `html` escapes whatever is not markup of ours.
"""

from app.web.docs.doors import openapi, page

__all__ = ["openapi", "page"]
