"""`/skytells/v1`: Skytells' own API, for its clients. Set their base URL to it, and their key to one of ours.

Known to work: PyPI `skytells` 1.0.0 and npm `skytells` 1.0.0; read against the sources of the TypeScript SDK 1.0.5, the
CLI 1.0.3 and the Swift SDK 1.0.0. Where their routes differ (`/predict`, `/model/{slug}`, `…/delete`), both are served.

- A bare name of a model is Skytells' own, where Skytells is one of our providers; else whoever has it. Those of others
  are listed, and asked for, as `provider/model`. An input is in the model's own words.
- Statuses are those of the SDKs: `pending`, `processing`, `succeeded`, `failed`, `cancelled`; `started` in a webhook.
- `await` holds for 55 s, which is less than the clients' own minute; then the prediction is told as it stands.
- A cancel is told once the provider has confirmed it, for ten seconds at most. What still runs cannot be deleted.
- `credits_used` is what was booked, in USD. Outputs are our own files, and are not removed after five minutes.
- A spent budget is `INSUFFICIENT_CREDITS` (402), a refusal by our moderation `CONTENT_POLICY_VIOLATION` (451).
- A webhook's body is the prediction, signed in `x-skytells-signature` with the owner's secret
  (`GET /api/webhook-secret`, its text as it stands): the SDK's mode `enterprise`. The mode `general`, whose key is the
  API key, cannot be had, since of our keys we keep hashes alone. Standard Webhooks' headers stand beside it.
"""

from app.web.compat.skytells.creating import NAME
from app.web.compat.skytells.face import face
from app.web.compat.skytells.webhooks import notice_body

__all__ = ["NAME", "face", "notice_body"]
