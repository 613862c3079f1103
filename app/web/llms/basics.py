"""What holds for every operation, said once."""

BASICS = """\
- The base URL is `{url}`. JSON in and out, UTF-8; times are RFC 3339 in UTC, money is decimal strings in USD.
- Send a key as `Authorization: Bearer dk_…` or `x-api-key: dk_…`. On the developer's own machine none is needed. A \
key can buy: keep it on servers. A browser polls with the `client_token` of a create's answer (`?token=ct_…`).
- A create answers at once with `status` `starting`; the picture follows. Hold the answer with `Prefer: wait=60`, or \
read `GET /api/predictions/{{id}}?wait=60` until `status` is `succeeded`, `failed` or `canceled`, which are final.
- `succeeded` means stored: `output` lists addresses of ours that stay. `failed` has `error.code` and `error.message`.
- Every create costs money. Send an `Idempotency-Key` of your own with it: the same key and body are bought once, \
however often they are sent. `POST /api/quote` tells the price first.
- Errors are `application/problem+json` with a stable `code`, `detail` for people, `errors[]` (`field`, `message`), \
and `retry_after` (seconds) where waiting helps.
- `GET /api/models` tells which models there are; a create's `input` follows the model's `input_schema`. \
`POST /api/generate` takes one set of words for all models.
"""


def basics(url: str) -> str:
    return BASICS.format(url=url)
