"""The int8 file as an MLflow model: a picture in, the camera's answer out, by TFLite Micro."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.model import PythonModel
from PIL import Image
from pydantic import BaseModel

from tinyinspect.camera import model_view
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.registry import task_part


class Settings(BaseModel):
    """What the model needs to know beside its files; in the artifact ``settings``."""

    task: str
    classes: list[str]


class Camera(PythonModel):
    """Judges pictures as the camera's program does."""

    def load_context(self, context: Any) -> None:
        """Read the artifacts ``model`` (int8 file), ``decision`` and ``settings``."""
        files = {name: Path(path) for name, path in context.artifacts.items()}
        self._settings = Settings(**yaml.safe_load(files["settings"].read_text(encoding="utf-8")))
        self._network = MicroRuntime(files["model"])
        self._decision = task_part(self._settings.task, "decision").read(files["decision"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Answer, score and unsure for each row of the column ``picture`` (a JPEG, PNG or BMP file's bytes)."""
        return pd.DataFrame([self._judged(content) for content in model_input["picture"]])

    def _judged(self, content: bytes) -> dict[str, Any]:
        try:
            picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        except OSError as error:
            message = f"the column picture holds something else ({error}); send the bytes of a JPEG or PNG file"
            raise MlflowException.invalid_parameter_value(message) from None
        view = model_view(picture, self._network.input_size).astype(np.int16) - 128
        outputs = self._network.outputs(view.astype(np.int8)[None])
        (said,) = task_part(self._settings.task, "answers").answers(outputs, self._decision, self._settings.classes)
        return {"answer": said.answer, "score": float(said.score), "unsure": bool(said.unsure)}
