"""How the emulator misbehaves during the faults, and which failures that makes true."""

from collections.abc import Mapping
from typing import Any

from scripts.emulator.faults import chance

SHARES: Mapping[str, Any] = {
    # creates
    "reply_cut": 0.05,
    "reply_500": 0.01,
    "reply_502": 0.01,
    "reply_garbage": 0.01,
    "reply_false": 0.01,
    "slow_create": {"share": 0.02, "seconds": 2},
    "slow_reply": {"share": 0.02, "seconds": 2},
    "refuse_429": {"share": 0.03, "seconds": 1},
    "refuse_503": {"share": 0.02, "seconds": 1},
    "content_policy": 0.01,
    "insufficient_credits": 0.005,
    # jobs
    "late_start": {"share": 0.10, "seconds": 2},
    "fail": 0.02,
    "nsfw": 0.01,
    "absurd_cost": 0.03,
    # reads
    "get_429": 0.03,
    "get_500": 0.03,
    "get_502": 0.02,
    "list_429": 0.05,
    "list_502": 0.05,
    # deliveries
    "duplicate": {"share": 0.20, "copies": 3},
    "reorder": 0.20,
    "delay": 0.15,
    "drop": 0.10,
    "early": 0.10,
    "forge": 0.10,
    "alter": 0.03,
    "contradict": 0.05,
    "slow_body": {"share": 0.02, "seconds": 1},
    "stale_link": 0.03,
    # downloads, of about 35 % of all outputs
    "cdn_429": 0.02,
    "cdn_500": 0.05,
    "cdn_reset": 0.05,
    "cdn_truncate": 0.05,
    "cdn_truncate_chunked": 0.03,
    "cdn_close": 0.04,
    "cdn_stall": {"share": 0.02, "seconds": 4},
    "cdn_drip": {"share": 0.03, "seconds": 3},
    "cdn_wrong_length": 0.02,
    "cdn_wrong_type": 0.02,
    "cdn_redirect": 0.02,
    "cdn_gzip": 0.005,
    "cdn_truncate_gzip": 0.005,
    "cdn_404": 0.01,
    "cdn_html": 0.005,
    "cdn_svg": 0.005,
    "cdn_redirect_private": 0.005,
    "cdn_endless": 0.003,
    "cdn_pixel_bomb": 0.003,
}
LURED = 0.015
"""The share of predictions whose outputs redirect to the canary."""

TRUE_FOR_OUTPUTS: Mapping[str, str] = {
    "cdn_404": "output_lost",
    "cdn_gzip": "output_rejected",
    "cdn_truncate_gzip": "output_rejected",
    "cdn_html": "output_rejected",
    "cdn_svg": "output_rejected",
    "cdn_redirect_private": "output_rejected",
    "cdn_endless": "output_rejected",
    "cdn_pixel_bomb": "output_rejected",
    "lured": "output_rejected",
}
"""What no retry cures, and what the failure is then called."""

REFUSED_CREATES: Mapping[tuple[str, str], str] = {
    ("content_filtered", "CONTENT_POLICY_VIOLATION"): "content_policy",
    ("rejected", "INSUFFICIENT_CREDITS"): "insufficient_credits",
}
JOB_FAILURES: Mapping[str, str] = {
    "NSFW content detected.": "content_filtered",
    "Failed to generate image.": "provider_failed",
}


def true_output_failures(seed: int, ordinal: int, prediction_id: str) -> set[str]:
    """The codes with which this prediction's outputs may truly fail."""
    hit = {name for name in TRUE_FOR_OUTPUTS if name in SHARES and chance(seed, name, ordinal) < share(name)}
    if prediction_id and is_lured(seed, prediction_id):
        hit.add("lured")
    return {TRUE_FOR_OUTPUTS[name] for name in hit}


def is_hard_to_fetch(seed: int, ordinal: int) -> bool:
    """Whether downloads of this prediction's outputs fail by themselves, for a while or for ever."""
    return any(name.startswith("cdn_") and chance(seed, name, ordinal) < share(name) for name in SHARES)


def is_lured(seed: int, prediction_id: str) -> bool:
    return chance(seed, f"lured:{prediction_id}", 0) < LURED


def share(name: str) -> float:
    given = SHARES[name]
    return float(given["share"] if isinstance(given, Mapping) else given)


def redirect_to(url: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
