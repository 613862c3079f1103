#!/usr/bin/env python3
"""`render.py HOST [PORT …]`: prints darkroom.conf for nginx, in front of web processes on these ports of this machine.

Every `${DARKROOM_…}` of the template can be set in the environment as well. Needs nothing but Python.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).with_name("darkroom.conf")


class _Ours(Template):
    """Only `${DARKROOM_…}`; nginx has variables of its own."""

    pattern = r"\$\{(?P<braced>DARKROOM_[A-Z0-9_]+)\}|(?P<escaped>(?!))|(?P<named>(?!))|(?P<invalid>(?!))"  # type: ignore[assignment]


def values(host: str, ports: Sequence[str], data: str = "/var/lib/darkroom") -> dict[str, str]:
    return {
        "DARKROOM_HOST": host,
        "DARKROOM_WEB": " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports or ["8000"]),
        "DARKROOM_BLOBS": f"{data}/blobs",
        "DARKROOM_CERTIFICATES": f"/etc/letsencrypt/live/{host}",
        "DARKROOM_ACME": "/var/www/certbot",
        "DARKROOM_HTTP": "80",
        "DARKROOM_HTTP_IPV6": "[::]:80",
        "DARKROOM_HTTPS": "443",
        "DARKROOM_HTTPS_IPV6": "[::]:443",
        "DARKROOM_LOG": "/var/log/nginx/darkroom.log",
    }


def render(given: Mapping[str, str]) -> str:
    """Raises KeyError for a word that nobody filled in."""
    return _Ours(TEMPLATE.read_text()).substitute(given)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    known = values(sys.argv[1], sys.argv[2:])
    print(render({name: os.environ.get(name, value) for name, value in known.items()}), end="")


if __name__ == "__main__":
    main()
