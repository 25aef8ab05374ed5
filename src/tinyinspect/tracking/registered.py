"""The int8 file logged with its run as an MLflow model, and registered under aliases."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import yaml

from tinyinspect.tracking.runs import EXPERIMENT, Run, answering, store

NEWEST, ACCEPTED = "newest", "accepted"  # aliases
PACKAGES = ["numpy", "pandas", "pillow", "pydantic", "PyYAML", "scipy", "simplejpeg", "tflite-micro"]


def register(run: Run, task: str, classes: list[str], picture: Path, *, accepted: bool) -> str:
    """Log the model with signature and input example, and move its aliases.

    Args:
        run: of this execution; it ends FINISHED.
        task: name of the task.
        classes: of the parameters.
        picture: an example of the input.
        accepted: whether it keeps every limit; then the alias ``accepted`` moves to it too.

    Returns:
        The model's address, such as "models:/tinyinspect-classifier/3".

    Raises:
        InputError: The store does not answer.
    """
    import mlflow
    from mlflow.models import infer_signature

    from tinyinspect.tracking.served import Camera

    example = pd.DataFrame({"picture": [picture.read_bytes()]})
    answer = pd.DataFrame({"answer": [classes[0]], "score": [0.5], "unsure": [False]})
    name = f"{EXPERIMENT}-{task}"
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with answering(), TemporaryDirectory() as folder:
        settings = Path(folder) / "settings.yaml"
        settings.write_text(yaml.safe_dump({"task": task, "classes": classes}), encoding="utf-8")
        mlflow.set_tracking_uri(store())
        with mlflow.start_run(run_id=run.id):
            logged = mlflow.pyfunc.log_model(
                name="camera",
                python_model=Camera(),
                artifacts={
                    "model": "models/model_int8.tflite",
                    "decision": "models/decision.json",
                    "settings": str(settings),
                },
                code_paths=[str(Path(__file__).parents[1])],
                signature=infer_signature(example, answer),
                input_example=example,
                pip_requirements=PACKAGES,
                registered_model_name=name,
            )
        for alias in (NEWEST, ACCEPTED) if accepted else (NEWEST,):
            mlflow.MlflowClient().set_registered_model_alias(name, alias, str(logged.registered_model_version))
    return f"models:/{name}/{logged.registered_model_version}"
