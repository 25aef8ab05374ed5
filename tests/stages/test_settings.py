"""The stage that comes first: parameters that do not go together are refused before anything is extracted."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


def stage(workspace: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ROOT / "stages" / "settings.py")]
    return subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)


def test_parameters_that_do_not_go_together_are_refused(tmp_path):
    params = composed(ROOT / "conf", ["board=openmv_ae3", "accelerator=ethos_u55"])
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    run = stage(tmp_path)
    assert (run.returncode, run.stdout) == (0, "classifier resnet9 for openmv_ae3\n")
    params["board"] = composed(ROOT / "conf", [])["board"]
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    run = stage(tmp_path)
    assert run.returncode == 1
    assert run.stderr == (
        "error: params.yaml: accelerator is ethos_u55 and openmv_h7 has no neural processor; set accelerator=none\n"
    )


def test_it_comes_before_all_other_stages():
    graph = yaml.safe_load((ROOT / "dvc.yaml").read_text())
    assert next(iter(graph["stages"])) == "settings"
