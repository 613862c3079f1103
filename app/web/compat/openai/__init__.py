"""`/openai/v1`: the Images API and the models of OpenAI's, for their clients. Set the base URL and the key.

Known to work: PyPI `openai` 3.54.0 and npm `openai` 6.49.0, with `images.generate` and `images.edit`, streamed or not,
`images.create_variation`, `models.list` and `models.retrieve`.

- A model is one of `GET /models`: a bare slug is the default provider's, or whoever's has it; those of others are
  `provider/model`. Left out it is the default model, for edits the cheapest of its provider's that can where it cannot.
  A name that nobody has, `gpt-image-2` too, is a 404 that names some of ours: nothing is bought in its place.
- The fields are words of our own forms (`domain.parameters`): `n` is `num_outputs`, `size` a shape, everything else
  goes to the model by its name, fields beside OpenAI's too (`extra_body`). What it lacks is a 400 that names the field.
  `auto` says nothing; `moderation` may be `auto` alone, since ours always looks.
- An answer has each picture as `url` and as `b64_json`, or as what `response_format` says. It comes when all are
  stored, or after `OPENAI_WAIT_SECONDS`; then it is a 504 that names the prediction, which goes on all the same.
- `edit` takes up to sixteen pictures, and a mask whose transparent parts are changed; it is sent on as a white one.
  `create_variation` of one of your last thousand predictions' files draws that prediction again with another seed; of
  any other picture it is a picture after it, without a prompt.
- A stream ends in one `….completed` for each picture. There are no partial ones: nobody here has any.
- Errors have OpenAI's shape and the statuses of its exceptions. Where asking again could buy again, or is of no use,
  `x-should-retry: false` keeps the clients from it. A spent budget is a 429 `insufficient_quota`, our moderation's
  refusal a 400 `content_policy_violation`.
"""

from app.web.compat.openai.face import face
from app.web.compat.openai.wishes import NAME

__all__ = ["NAME", "face"]
