"""The studio, at `/`: one page for people, served by the service itself.

Semantic HTML, modern CSS, ES modules and small web components, as they lie in `static/`: no build step, no script from
elsewhere. The page speaks the public API alone, with nothing that another frontend could not have.
"""

from app.web.studio.pages import asset, client, index

__all__ = ["asset", "client", "index"]
