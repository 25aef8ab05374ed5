"""Repeat the stages that can run on a cluster on a Ray cluster of two nodes, and compare what they write.

    python scripts/repeat_on_cluster.py [what tinyinspect compose takes]

In a clone of the project in which `dvc repro` has run with ``execution=local``. DVC writes the hash of every output
into dvc.lock: where these are the same, all that comes after them is too.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from ray.cluster_utils import Cluster

STAGES = ("extract", "embed")
NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
TRIES = 5  # Ray gives up after half a minute, which a node on busy cores may take to start


@contextmanager
def two_nodes(**settings: object) -> Iterator[Cluster]:
    """A cluster of two nodes on this machine, a core each; ``settings`` are Ray's own."""
    # On busy cores a node is not lost, and workers do not stand back behind all else.
    settings = {"health_check_timeout_ms": 60_000, "worker_niceness": 0} | settings
    cluster = Cluster()
    try:
        added(cluster, _system_config=settings)
        added(cluster)
        yield cluster
    finally:
        cluster.shutdown()


def added(cluster: Cluster, **arguments: object) -> Any:
    """One more node, which has started."""
    for _ in range(TRIES):
        try:
            return cluster.add_node(**NODE, **arguments)
        except Exception as error:  # that alone is what Ray raises
            if "timed out during startup" not in str(error):
                raise
    raise TimeoutError("a node of Ray did not start")


def outputs() -> dict[str, dict[str, Any]]:
    """Hash, size and number of files of each output of the stages, by its path."""
    stages = yaml.safe_load(Path("dvc.lock").read_text())["stages"]
    return {output["path"]: output for stage in STAGES for output in stages[stage]["outs"]}


def main() -> None:
    """Exit with 1 where an output differs."""
    local = outputs()
    with two_nodes() as cluster:
        on_cluster = "execution=ray", f"execution.address={cluster.address}"
        subprocess.run(["tinyinspect", "compose", *sys.argv[1:], *on_cluster], check=True)
        subprocess.run(["dvc", "repro", "--force", "--single-item", *STAGES], check=True)
    if different := [path for path, output in outputs().items() if output != local[path]]:
        sys.exit(f"error: what two nodes wrote in {', '.join(different)} differs from what one process wrote")
    print(f"two nodes wrote the same {', '.join(local)} as one process")


if __name__ == "__main__":
    main()
