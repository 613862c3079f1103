"""What several shapes are made of."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


Money = Annotated[Decimal, PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str)]
