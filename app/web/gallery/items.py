"""A published prediction as everybody sees it."""

from app.domain.prediction import Prediction
from app.web.schemas import GalleryFile, GalleryItem
from app.web.views import Views

PROMPTS = ("prompt", "text", "lyrics")


def item(prediction: Prediction, views: Views) -> GalleryItem:
    view = views.prediction(prediction)
    assert prediction.published_at is not None  # noqa: S101, only such are read
    return GalleryItem(
        id=prediction.id,
        prompt=prompt_of(prediction),
        provider=prediction.provider,
        model=prediction.model,
        files=[GalleryFile.model_validate(file, from_attributes=True) for file in view.files if file.url],
        published_at=prediction.published_at,
        url=f"{views.public_url}/gallery/{prediction.id}",
    )


def prompt_of(prediction: Prediction) -> str:
    """Empty where the model takes none."""
    found = (prediction.input.get(name) for name in PROMPTS)
    return next((text for text in found if isinstance(text, str)), "")
