"""The stage as `dvc repro` runs it."""

import subprocess
import sys
from pathlib import Path

import yaml
from PIL import Image

ROOT = Path(__file__).parents[2]


def test_faults_are_sentences_and_leave_nothing_behind(tmp_path: Path) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    (tmp_path / "data" / "videos" / "a").mkdir(parents=True)
    Image.new("RGB", (16, 12)).save(tmp_path / "data" / "videos" / "a" / "0.jpg")
    (tmp_path / "annotations").mkdir()

    def run() -> subprocess.CompletedProcess[str]:
        stage = ROOT / "stages" / "check.py"
        return subprocess.run([sys.executable, stage], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run().stdout == "1 recordings and 0 labelled frames\n"
    assert (tmp_path / "recordings.csv").is_file()
    (tmp_path / "recordings.csv").unlink()
    (tmp_path / "annotations" / "x.csv").write_text('video,frame,label\n"a,0,good\na,0,goood\na,1,x\n')
    done = run()
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: check: 3 faults\n  annotations/x.csv line 2: a quotation mark" in done.stderr
    assert not (tmp_path / "recordings.csv").exists()
