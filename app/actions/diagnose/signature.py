"""Why a delivery's signature does not verify: the secret, the encoding, or the body.

Every secret that is known, in every form in which people paste one, is tried over the body as it was saved and as
programs like to write it anew. The likeliest combination that fits says what is wrong. None of them finding anything
means that the secret is another one, or that the body was changed beyond this.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from app.actions.diagnose.finding import Finding, bad, ok

ENCODING, SECRET, BODY = "encoding", "secret", "body"
HEADER_NAME = re.compile(r"^\s*x-skytells-signature\s*:", re.IGNORECASE)
MARK = re.compile(r"(?:sha1|sha256|sha512|hmac-sha256|v\d|s|signature)[=:,]", re.IGNORECASE)
EXPECTED = re.compile(r"(?:sha256=)?[0-9a-fA-F]{64}")
ALGORITHMS = {20: "sha1", 32: "sha256", 64: "sha512"}
"""By the length of what they yield, in bytes."""


@dataclass(frozen=True, slots=True)
class Guess:
    """`deviation` is what is unusual about it, None for what is as we expect it."""

    value: bytes
    deviation: str | None = None
    cure: str = ""


def diagnose_signature(
    body: bytes, header: str, accepted: Mapping[str, str], others: Mapping[str, str]
) -> list[Finding]:
    """Findings about encoding, secret and body. Secrets are by where they stand; the door believes `accepted` alone."""
    signatures = list(_signatures(header))
    if not signatures:
        return [_undecodable(header)]
    for signature, secret, written in _combinations(signatures, [*_secrets(accepted, others)], [*_bodies(body)]):
        algorithm = ALGORITHMS[len(signature.value)]
        if hmac.compare_digest(hmac.digest(secret.value, written.value, algorithm), signature.value):
            return [
                _finding(ENCODING, _with_algorithm(signature, algorithm), "hex of HMAC-SHA256"),
                _finding(SECRET, secret, "one that the door believes"),
                _finding(BODY, written, "the very bytes that were signed"),
            ]
    return [_finding(ENCODING, signatures[0], "hex"), _no_match(len(accepted) + len(others))]


def _combinations(
    signatures: list[Guess], secrets: list[Guess], bodies: list[Guess]
) -> Iterator[tuple[Guess, Guess, Guess]]:
    """The fewest deviations first."""
    every = product(signatures, secrets, bodies)
    yield from sorted(every, key=lambda guesses: sum(guess.deviation is not None for guess in guesses))


def _signatures(header: str) -> Iterator[Guess]:
    """The bytes that the header may mean."""
    cure = "Send 64 hex digits, or `sha256=` and 64 hex digits, in X-Skytells-Signature"
    bare = HEADER_NAME.sub("", header).strip()
    if EXPECTED.fullmatch(bare):
        yield Guess(bytes.fromhex(bare.removeprefix("sha256=")))
        return
    for piece in re.split(r"[\s,;]+", MARK.sub(" ", bare.strip("\"'"))):
        for value, said in (
            (_hex(piece), "is hex, with something about it that we do not read"),
            (_base64(piece), "is base64, where we read hex"),
        ):
            if len(value) in ALGORITHMS:
                yield Guess(value, said, cure)


def _secrets(accepted: Mapping[str, str], others: Mapping[str, str]) -> Iterator[Guess]:
    for secret in accepted.values():
        yield Guess(secret.encode())
    for place, secret in others.items():
        cure = f"Set SKYTELLS_WEBHOOK_SECRET to the value of {place}, or the sender's secret to ours"
        yield Guess(secret.encode(), f"is {place}, which the door does not believe", cure)
    for place, secret in {**accepted, **others}.items():
        for form, value in _forms(secret):
            yield Guess(
                value, f"is {place}, {form}", "Set SKYTELLS_WEBHOOK_SECRET to exactly what the sender signs with"
            )


def _forms(secret: str) -> Iterator[tuple[str, bytes]]:
    """How a secret comes to be another one while it is pasted or read."""
    bare = secret.strip().strip("\"'")
    tail = re.sub(r"^(whsec|sk)[_-]", "", bare)
    forms = {
        "without the blanks or quotes around it": bare.encode(),
        "with a line break at its end": secret.encode() + b"\n",
        "without its prefix": tail.encode(),
        "decoded from base64": _base64(tail),
        "decoded from hex": _hex(tail),
        "in capitals": secret.upper().encode(),
        "in small letters": secret.lower().encode(),
    }
    yield from ((form, value) for form, value in forms.items() if value and value != secret.encode())


def _bodies(body: bytes) -> Iterator[Guess]:
    yield Guess(body)
    saved = "Save the raw bytes: `darkroom events show`, or `curl --data-binary @FILE`"
    for said, value in (
        ("was signed without the line break at the end of this file", body.rstrip(b"\r\n")),
        ("was signed with a line break at its end", body + b"\n"),
        ("was signed with line breaks of another kind", body.replace(b"\r\n", b"\n")),
        ("was signed with line breaks of another kind", re.sub(rb"(?<!\r)\n", b"\r\n", body)),
        ("was signed without the byte order mark of this file", body.removeprefix(b"\xef\xbb\xbf")),
    ):
        if value != body:
            yield Guess(value, said, saved)
    for said, value in _rewritten(body):
        if value != body:
            yield Guess(value, f"was signed {said}: somebody parsed and wrote it anew", _RAW)


_RAW = "Sign and verify the raw bytes: let no proxy, framework or editor parse the JSON in between"


def _rewritten(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The same JSON, as programs write it."""
    try:
        value = json.loads(body)
        for said, options in _WRITERS:
            yield said, json.dumps(value, **options).encode()  # type: ignore[arg-type]
    except (ValueError, RecursionError):
        return


_COMPACT, _SPACED = (",", ":"), (", ", ": ")
_WRITERS: Sequence[tuple[str, dict[str, object]]] = (
    ("as compact JSON", {"separators": _COMPACT, "ensure_ascii": False}),
    ("as compact JSON in ASCII", {"separators": _COMPACT}),
    ("as JSON with spaces", {"separators": _SPACED, "ensure_ascii": False}),
    ("as JSON with spaces in ASCII", {"separators": _SPACED}),
    ("as JSON indented by two", {"indent": 2, "ensure_ascii": False}),
    ("as JSON indented by four", {"indent": 4, "ensure_ascii": False}),
    ("as compact JSON with sorted keys", {"separators": _COMPACT, "sort_keys": True, "ensure_ascii": False}),
    ("as JSON with spaces and sorted keys", {"separators": _SPACED, "sort_keys": True, "ensure_ascii": False}),
)


def _with_algorithm(signature: Guess, algorithm: str) -> Guess:
    if algorithm == "sha256":
        return signature
    return Guess(signature.value, f"is HMAC-{algorithm.upper()}", "Sign with HMAC-SHA256")


def _finding(name: str, guess: Guess, usual: str) -> Finding:
    return ok(name, usual) if guess.deviation is None else bad(name, guess.deviation, guess.cure)


def _undecodable(header: str) -> Finding:
    length = len(HEADER_NAME.sub("", header).strip())
    said = f"is no signature: {length} signs that are neither hex nor base64 of one"
    return bad(ENCODING, said, "Send 64 hex digits, or `sha256=` and 64 hex digits, in X-Skytells-Signature")


def _no_match(known: int) -> Finding:
    said = f"none of the {known} known fits these bytes, in any form, nor the same JSON written anew"
    cure = "Copy the secret from the provider's dashboard into SKYTELLS_WEBHOOK_SECRET"
    return bad(SECRET, said, f"{cure}; if it is right, these bytes are not what was sent")


def _hex(text: str) -> bytes:
    """Empty for what is none."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _base64(text: str) -> bytes:
    """In either alphabet, padded or not; empty for what is none."""
    try:
        return base64.b64decode(text.translate(_ALPHABET) + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


_ALPHABET = str.maketrans("-_", "+/")
