"""Whether the web process on this machine answers `/health`: exit 0 or 1. `--wait N` asks for N seconds until it does.

For Docker's HEALTHCHECK and systemd's ExecStartPost. Needs nothing but Python, and starts within a moment.
"""

import http.client
import os
import sys
import time

BETWEEN_SECONDS = 0.2
ANSWER_SECONDS = 3.0


def is_healthy(port: int) -> bool:
    """A refused connection, a timeout and an answer that is none are all no."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> None:
    port, patience = int(os.environ.get("PORT") or 8000), float(sys.argv[2]) if "--wait" in sys.argv[1:2] else 0.0
    end = time.monotonic() + patience
    while not is_healthy(port):
        if time.monotonic() >= end:
            sys.exit(f"no answer from /health on port {port}")
        time.sleep(BETWEEN_SECONDS)


if __name__ == "__main__":
    main()
