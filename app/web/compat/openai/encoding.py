"""Base64 of bytes that come in pieces of any length."""

from base64 import b64encode
from collections.abc import AsyncIterator


def encoded_size(size: int) -> int:
    return 4 * -(-size // 3)


async def encoded(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Three bytes are four letters, so that what is left over waits for the next piece."""
    left = b""
    async for piece in pieces:
        whole = len(left) + len(piece)
        joined = left + piece
        end = whole - whole % 3
        left = joined[end:]
        yield b64encode(joined[:end])
    if left:
        yield b64encode(left)
