"""Run a sweep on the machines of a Ray cluster, an experiment a task: docs/scale.md.

    python scripts/sweep_on_cluster.py seed=0,1,2 model=resnet9,resnet9_stride2 --name stem [--cores 2] [--gpus 1]

In the project, which is on a disk that all machines share. Settings and names are those of `tinyinspect sweep`.
"""

import argparse
import os
import sys
from pathlib import Path

from tinyinspect.config.execution import Engine, Execution
from tinyinspect.errors import InputError, reported
from tinyinspect.execution.cluster import cluster, result_of, room
from tinyinspect.project.sweep import ExperimentError, combinations, run


def tried(root: Path, overrides: list[str], name: str) -> str:
    """What became of an experiment."""
    if not root.is_dir():
        return f"{name}: failed, for {os.uname().nodename} does not see {root}"
    try:
        run(root, overrides, name)
    except ExperimentError:
        return f"{name}: a stage failed; `dvc exp run` with its settings says why"
    except InputError as error:
        return f"{name}: {error}"
    return f"{name}: done"


def main() -> None:
    """Print a line an experiment; exit with 1 where one failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("overrides", nargs="+")
    parser.add_argument("--name", default="sweep")
    parser.add_argument("--address", default="auto")
    parser.add_argument("--cores", type=int, default=2, help="of an experiment")
    parser.add_argument("--gpus", type=float, default=0, help="of an experiment")
    given = parser.parse_args()
    where = Execution(
        engine=Engine.RAY, address=given.address, cores=given.cores, gpus=given.gpus, minutes=1, retries=1
    )
    failed = False
    with cluster(where) as ray:
        room(ray, given.cores, given.gpus)
        task = ray.remote(num_cpus=given.cores, num_gpus=given.gpus, max_retries=where.retries)(tried)
        running = [task.remote(Path.cwd(), *one) for one in combinations(given.overrides, given.name)]
        for one in running:
            said = result_of(ray, one, given.cores, given.gpus)
            failed |= not said.endswith(": done")
            print(said, flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    with reported():
        main()
