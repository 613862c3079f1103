"""What buys."""

from app.web import schemas
from app.web.operations.operation import KEYED, ORDER, Operation
from app.web.parameters import CREATING, ID, IDEMPOTENCY

CREATES = (
    Operation(
        "post",
        "/api/predictions",
        "createPrediction",
        "Create a prediction",
        about="Answers at once; the picture follows. Poll the prediction, hold the answer with `Prefer: wait`, or name "
        "a `webhook`.",
        body=schemas.CreatePrediction,
        answer=schemas.PredictionView,
        status=201,
        answers="Created; `Location` is its address.",
        parameters=CREATING,
        problems=ORDER,
    ),
    Operation(
        "post",
        "/api/generate",
        "generate",
        "Create a prediction from a flat form",
        about="The same for forms: the fields of the input at the top, with the default model.",
        body=schemas.Generate,
        answer=schemas.PredictionView,
        status=201,
        answers="Created; `Location` is its address.",
        parameters=CREATING,
        problems=ORDER,
    ),
    Operation(
        "post",
        "/api/batches",
        "createBatch",
        "Create many predictions at once",
        about="Up to a hundred, admitted together or not at all, with one hold for each. A problem names its "
        "prediction by number.",
        body=schemas.CreateBatch,
        answer=schemas.BatchView,
        status=201,
        answers="Created; `Location` is the batch's address.",
        parameters=(IDEMPOTENCY,),
        problems=ORDER,
    ),
    Operation(
        "get",
        "/api/batches/{id}",
        "readBatch",
        "Read a batch",
        answer=schemas.BatchView,
        answers="Its predictions as they are now.",
        parameters=(ID,),
        problems=(*KEYED, "batch_not_found"),
    ),
)
