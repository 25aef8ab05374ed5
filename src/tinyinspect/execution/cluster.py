"""Connect to a Ray cluster, or start one on this machine; what goes wrong there becomes one sentence.

All machines see the project's folder under the same path, so that tasks read and write files as a stage does.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from warnings import catch_warnings

import tinyinspect
from tinyinspect.config.execution import Execution
from tinyinspect.errors import InputError

_INSTALL = "pip install -r requirements-ray.txt -c requirements.lock"
_ANSWER_SECONDS = 10  # Ray itself waits for minutes
_PATIENCE_SECONDS = (
    5  # without a result, before the machines are looked for; after 60 without a head, Ray ends the process
)
_LOCAL = {"health_check_timeout_ms": 60_000}  # busy cores are no lost machine


@contextmanager
def cluster(execution: Execution) -> Iterator[Any]:
    """Yield the module ``ray``, connected for the block.

    Raises:
        InputError: Ray is not installed, no cluster answers or starts, its versions are others, a task's worker died or
            ran out of memory more often than it is run again, or a machine lacks the project's folder.
    """
    try:
        import ray  # type: ignore[import-not-found, unused-ignore]
    except ModuleNotFoundError:
        raise InputError(f"execution=ray needs Ray, which is not installed; run `{_INSTALL}`") from None
    _connect(ray, execution)
    try:
        yield ray
    except ray.exceptions.RayError as error:
        raise _in_words(error, ray.exceptions) from None
    finally:
        ray.shutdown()


def room(ray: Any, cores: int, gpus: float = 0) -> int:
    """How many tasks the machines of the cluster run at once, each with so many cores and GPUs.

    Raises:
        InputError: No machine runs one.
    """
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    tasks = sum(
        int(min(has.get("CPU", 0) // cores, has.get("GPU", 0) // gpus if gpus else has.get("CPU", 0)))
        for has in machines
    )
    if not tasks:
        raise InputError(
            f"no machine of the Ray cluster has {cores} cores and {gpus:g} GPUs for a task; lower execution.cores and "
            "execution.gpus, or add machines (`ray start --address`)"
        )
    return tasks


def result_of(ray: Any, task: Any, cores: int, gpus: float = 0) -> Any:
    """Wait for a task, which needs so many cores and GPUs, and return its result.

    Raises:
        InputError: The first machine of the cluster is gone, or no machine is left to run the task.
    """
    head = ray.get_runtime_context().gcs_address
    while not ray.wait([task], timeout=_PATIENCE_SECONDS)[0]:
        if not _answers(head):
            raise InputError(
                f"the first machine of the Ray cluster, {head}, no longer answers; start the cluster anew (`ray start "
                "--head`, and `ray start --address` on the others), then run `dvc repro` again"
            )
        room(ray, cores, gpus)
    return ray.get(task)


def enter(project: Path, output: Path) -> None:
    """Work in the project's folder, as the stage does; called first by each task.

    Args:
        project: absolute path of the folder that the machines share.
        output: a folder in it that the stage has just made.

    Raises:
        InputError: This machine does not share the folder.
    """
    if not (project / output).is_dir():
        raise InputError(
            f"{socket.gethostname()}, a machine of the Ray cluster, does not see {project}; put the project on a disk "
            "that all machines mount under the same path"
        )
    os.chdir(project)


def _connect(ray: Any, execution: Execution) -> None:
    _require_answer(execution.address)
    # Workers take the code from the shared folder too: it is that of the stage.
    code = str(Path(tinyinspect.__file__).resolve().parents[1])
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster that is started here reports to nobody
    os.environ.setdefault("RAY_task_oom_retries", str(execution.retries))  # Ray itself would try for ever
    local = {} if execution.address else {"_system_config": _LOCAL}
    try:
        with catch_warnings(action="ignore", category=FutureWarning):
            context = ray.init(
                address=execution.address or "local",
                runtime_env={"env_vars": {"PYTHONPATH": code}},
                log_to_driver=False,
                logging_level="ERROR",
                **local,
            )
    except ConnectionError:
        raise _no_cluster(execution.address) from None
    except RuntimeError as error:
        if "ersion mismatch" not in str(error):
            raise
        raise InputError(
            f"the Ray cluster at {execution.address} has other versions of Ray or Python ({_one_line(error)}); run "
            f"`{_INSTALL}` on every machine, with one version of Python"
        ) from None
    except Exception as error:  # that alone is what Ray raises
        if "timed out during startup" not in str(error):
            raise
        raise InputError(
            "Ray did not start within half a minute: this machine is too busy; run `dvc repro` again when it is less so"
        ) from None
    print(_dashboard(context.dashboard_url, ray.__version__))


def _dashboard(address: str | None, version: str) -> str:
    if address:
        return f"Ray's dashboard: http://{address}"
    return (
        "Ray's dashboard has no address: the cluster runs without it; where it is wanted, run `pip install "
        f'"ray[default]=={version}"` on the first machine, and start the cluster anew'
    )


def _require_answer(address: str | None) -> None:
    """Refuse an address where nothing listens, before Ray tries it for minutes and ends the process."""
    if address and ":" in address and not _answers(address.removeprefix("ray://")):
        raise _no_cluster(address)


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True


def _no_cluster(address: str | None) -> InputError:
    return InputError(
        f"execution.address is '{address}', but no Ray cluster answers there; start one (`ray start --head`), or set "
        "execution.address to null for a cluster on this machine"
    )


def _in_words(error: Exception, kinds: Any) -> BaseException:
    """What a failed task says to the user: the sentence of the library where it has one."""
    cause = getattr(error, "cause", None)
    match error:
        case _ if isinstance(cause, InputError | OSError):
            return cause
        case kinds.OutOfMemoryError():
            return InputError(
                "a worker of the Ray cluster ran out of memory too often; give a task more of its machine with "
                "execution.cores, or add memory"
            )
        case kinds.WorkerCrashedError() | kinds.NodeDiedError() | kinds.ObjectLostError():
            return InputError(
                f"a worker of the Ray cluster died too often ({_one_line(error)}); look after its machine, or raise "
                "execution.retries"
            )
    return error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
