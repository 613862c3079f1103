"""The shapes of bodies and answers. The OpenAPI document is made from these."""

from app.web.schemas.bodies import CreateBatch, CreatePrediction, EventName, Generate
from app.web.schemas.money import CostsView, DriftView, PriceView, ShareView
from app.web.schemas.prediction import (
    STAGES,
    STATUSES,
    BatchView,
    CostView,
    Deleted,
    ErrorView,
    FileView,
    MetricsView,
    PredictionPage,
    PredictionView,
    ReceiptEntry,
    ReceiptView,
    UrlsView,
)
from app.web.schemas.service import (
    FieldProblemView,
    Health,
    ModelsView,
    ModelView,
    Problem,
    WebhookReceipt,
    WebhookSecret,
)

__all__ = [
    "STAGES",
    "STATUSES",
    "BatchView",
    "CostView",
    "CostsView",
    "CreateBatch",
    "CreatePrediction",
    "Deleted",
    "DriftView",
    "ErrorView",
    "EventName",
    "FieldProblemView",
    "FileView",
    "Generate",
    "Health",
    "MetricsView",
    "ModelView",
    "ModelsView",
    "PredictionPage",
    "PredictionView",
    "PriceView",
    "Problem",
    "ReceiptEntry",
    "ReceiptView",
    "ShareView",
    "UrlsView",
    "WebhookReceipt",
    "WebhookSecret",
]
