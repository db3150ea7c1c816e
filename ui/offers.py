"""Open what the page offers beside its assistant, as the settings have it; hand out the feedback that was kept."""

import json
import sys
from typing import Final, TextIO

from assistant import Assistant
from assistant.api import with_model
from assistant.settings import Settings
from ui.extras import Extras
from ui.feedback import Feedback
from ui.uploads import Collections, UploadLimits

_FEEDBACK: Final = "feedback.sqlite"
_SHARED: Final = "shared-documents"


def open_extras(assistant: Assistant, settings: Settings, *, shared_uploads: bool = False) -> Extras:
    """Other models, uploads and feedback; UserError where a model that the settings name can't be opened."""
    names = dict.fromkeys(name.strip() for name in settings.models.split(",") if name.strip())
    limits = UploadLimits(files=settings.upload_files, megabytes=settings.upload_megabytes)
    return Extras(
        models=tuple(with_model(assistant, name, settings) for name in names if name != assistant.model),
        collections=Collections(
            limits, assistant.retriever.encoder, shared=settings.data_folder / _SHARED if shared_uploads else None
        ),
        feedback=Feedback(settings.data_folder / _FEEDBACK),
    )


def export_feedback(settings: Settings, out: TextIO = sys.stdout) -> int:
    """Write every remark as an evaluation candidate, one JSON object a line; returns how many."""
    count = 0
    for count, candidate in enumerate(Feedback(settings.data_folder / _FEEDBACK).candidates(), start=1):  # noqa: B007
        out.write(json.dumps(candidate, ensure_ascii=False) + "\n")
    return count
