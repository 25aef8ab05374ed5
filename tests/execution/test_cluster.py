"""What goes wrong before a cluster does any work."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tinyinspect.config.execution import Engine, Execution
from tinyinspect.errors import InputError
from tinyinspect.execution import cluster as module
from tinyinspect.execution.cluster import cluster, enter, result_of, room


def on_ray(address: str | None) -> Execution:
    return Execution(engine=Engine.RAY, address=address, cores=1, gpus=0, minutes=10, retries=3)


@pytest.fixture
def head() -> Iterator[socket.socket]:
    """What listens at the address of a cluster's first machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def fake_ray(monkeypatch: pytest.MonkeyPatch, head: socket.socket) -> Any:
    """Ray as far as it is asked before it runs tasks; it is not installed everywhere."""
    ray = ModuleType("ray")
    address = f"127.0.0.1:{head.getsockname()[1]}"
    ray.exceptions = SimpleNamespace(RayError=type("RayError", (Exception,), {}))
    ray.shutdown = lambda: None
    ray.__version__ = "2.55.1"
    ray.get_runtime_context = lambda: SimpleNamespace(gcs_address=address)
    monkeypatch.setitem(sys.modules, "ray", ray)
    return ray


def test_an_address_without_ray_has_no_effect() -> None:
    with pytest.raises(ValueError, match="has no effect with the engine local; set execution to ray"):
        Execution(engine=Engine.LOCAL, address="auto", cores=1, gpus=0, minutes=10, retries=3)


def test_ray_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"not installed; run `pip install -r requirements-ray\.txt"):
        cluster(on_ray(None)).__enter__()


@pytest.mark.usefixtures("fake_ray")
@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "ray://127.0.0.1:{port}", "nowhere.invalid:6379", "host:port"])
def test_nothing_listens_at_the_address(address: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(InputError, match=f"'{address.format(port=port)}', but no Ray cluster answers there; start"):
        cluster(on_ray(address.format(port=port))).__enter__()


def test_no_cluster_is_found(fake_ray: Any) -> None:
    def init(**_: object) -> None:
        raise ConnectionError("Could not find any running Ray instance.")

    fake_ray.init = init
    with pytest.raises(InputError, match="'auto', but no Ray cluster answers there"):
        cluster(on_ray("auto")).__enter__()


def test_versions_differ(fake_ray: Any) -> None:
    def init(**_: object) -> None:
        raise RuntimeError("Version mismatch: The cluster was started with:\n    Ray: 2.9.0\n    Python: 3.9.1")

    fake_ray.init = init
    with pytest.raises(InputError, match=r"\(Version mismatch: The cluster .* Python: 3\.9\.1\); run `pip install"):
        cluster(on_ray("auto")).__enter__()


def test_this_machine_is_too_busy_to_start_a_cluster(fake_ray: Any) -> None:
    def init(**_: object) -> None:
        raise Exception(
            "The current node timed out during startup. This could happen because some of the raylet failed"
        )

    fake_ray.init = init
    with pytest.raises(InputError, match="Ray did not start within half a minute: this machine is too busy; run `dvc"):
        cluster(on_ray(None)).__enter__()


def test_what_else_ray_says_is_not_hidden(fake_ray: Any) -> None:
    def init(**_: object) -> None:
        raise KeyError("what nobody knows")

    fake_ray.init = init
    with pytest.raises(KeyError):
        cluster(on_ray(None)).__enter__()


def test_the_machines_have_room(fake_ray: Any) -> None:
    machines = [(True, {"CPU": 5.0, "GPU": 1.0}), (True, {"CPU": 3.0}), (False, {"CPU": 99.0}), (True, {})]
    fake_ray.nodes = lambda: [{"Alive": alive, "Resources": has} for alive, has in machines]
    assert room(fake_ray, 2) == 3
    assert room(fake_ray, 2, gpus=0.5) == 2
    with pytest.raises(InputError, match="no machine of the Ray cluster has 6 cores and 0 GPUs"):
        room(fake_ray, 6)


def test_a_cluster_that_shrinks_to_nothing(fake_ray: Any) -> None:
    fake_ray.wait = lambda running, timeout: ([], running)
    fake_ray.nodes = lambda: [{"Alive": False, "Resources": {"CPU": 1.0}}]
    with pytest.raises(InputError, match="no machine of the Ray cluster has 1 cores"):
        result_of(fake_ray, "task", 1)


def test_the_first_machine_is_lost(fake_ray: Any, head: socket.socket) -> None:
    fake_ray.wait = lambda running, timeout: ([], running)
    head.close()
    with pytest.raises(InputError, match=r"the first machine of the Ray cluster, 127\.0\.0\.1:\d+, no longer answers"):
        result_of(fake_ray, "task", 1)


def test_a_machine_does_not_share_the_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"does not see {tmp_path}/project; put the project on a disk that all"):
        enter(tmp_path / "project", Path(".frames.partial"))


def test_the_code_of_the_workers_is_that_of_the_stage(fake_ray: Any, capsys: pytest.CaptureFixture[str]) -> None:
    given: dict[str, Any] = {}

    def init(**arguments: object) -> SimpleNamespace:
        given.update(arguments)
        return SimpleNamespace(dashboard_url="127.0.0.1:8265")

    fake_ray.init = init
    with cluster(on_ray(None)) as ray:
        assert ray is fake_ray
    code = Path(given["runtime_env"]["env_vars"]["PYTHONPATH"])
    assert code.is_absolute()
    assert given["address"] == "local" and Path(module.__file__).is_relative_to(code)
    assert "Ray's dashboard: http://127.0.0.1:8265" in capsys.readouterr().out


@pytest.mark.parametrize("address", ["", None])
def test_a_dashboard_without_an_address_is_told(
    fake_ray: Any, capsys: pytest.CaptureFixture[str], address: str | None
) -> None:
    fake_ray.init = lambda **_: SimpleNamespace(dashboard_url=address)
    with cluster(on_ray(None)):
        pass
    said = capsys.readouterr().out
    assert said.startswith("Ray's dashboard has no address: the cluster runs without it; ") and said.count("\n") == 1
    assert 'pip install "ray[default]==2.55.1"' in said
