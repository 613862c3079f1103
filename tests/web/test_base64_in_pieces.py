"""A picture in base64 is the same however its bytes come."""

import base64
from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from app.web.compat.openai.encoding import encoded, encoded_size


@given(st.lists(st.binary(max_size=20), max_size=8))
async def test_pieces_of_any_length_make_the_same_letters(pieces: list[bytes]) -> None:
    async def come() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    made = b"".join([each async for each in encoded(come())])
    whole = b"".join(pieces)
    assert made == base64.b64encode(whole)
    assert encoded_size(len(whole)) == len(made)
