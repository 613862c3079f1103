"""Secrets that are planted where the product has to handle them, and must never be seen elsewhere."""

import re
import secrets
from dataclasses import dataclass, field

CALLBACK_TOKEN = re.compile(rb"[?&]t=[A-Za-z0-9_-]{16,64}")
CLIENT_TOKEN = re.compile(rb"ct_[A-Za-z0-9_-]{20,}")
CLIENT_KEY = re.compile(rb"dk_[A-Za-z0-9]+_[A-Za-z0-9_-]{16,}")


@dataclass(frozen=True, slots=True)
class Plants:
    """`marker` begins every prompt; the rest are the secrets of the settings."""

    marker: str
    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)

    @classmethod
    def fresh(cls, seed: int) -> "Plants":
        dice = secrets.token_hex(12)
        return cls(f"zaubernuss{seed}x{dice[:6]}", f"sk-planted-{dice}", f"whsec-planted-{secrets.token_hex(12)}")

    def found_in_log(self, text: bytes) -> list[str]:
        """Which kinds of secret a log or a metrics page shows."""
        words = {"provider key": self.api_key, "webhook secret": self.webhook_secret, "prompt": self.marker}
        found = [kind for kind, word in words.items() if word.encode() in text]
        patterns = {"callback token": CALLBACK_TOKEN, "client token": CLIENT_TOKEN, "API key": CLIENT_KEY}
        return found + [kind for kind, pattern in patterns.items() if pattern.search(text)]

    def found_in_answer(self, body: bytes, *, is_create: bool, owner: str) -> list[str]:
        """A create may show its own client token, and every answer its owner's own prompts."""
        words = {"provider key": self.api_key, "webhook secret": self.webhook_secret}
        found = [kind for kind, word in words.items() if word.encode() in body]
        if CALLBACK_TOKEN.search(body):
            found.append("callback token")
        if CLIENT_KEY.search(body):
            found.append("API key")
        if not is_create and CLIENT_TOKEN.search(body):
            found.append("client token")
        prompts = re.findall(re.escape(self.marker.encode()) + rb" ([a-z0-9]+)", body)
        if any(whose.decode() != owner for whose in prompts):
            found.append("another owner's prompt")
        return found

    def prompt(self, owner: str, number: int) -> str:
        return f"{self.marker} {owner} number {number}"
