"""What several shapes are made of."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, PlainSerializer, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


Verb = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,40}$")]


Money = Annotated[Decimal, PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str)]


class FieldProblemView(BaseModel):
    field: str
    message: str
