from pathlib import Path

import pytest
from PIL import Image

from tests.cli.running import run
from tinyinspect.errors import InputError
from tinyinspect.report.label_curve import advice, plot_curve, read_curve, table_of

HEAD = "Experiment,rev,State,tflite_micro.accuracy,tflite_micro.balanced_accuracy,metrics.json:train_frames.total,seed"


def write(path: Path, rows: list[tuple[int, int, float]]) -> Path:
    """Experiments as `dvc exp show --csv` writes them, by labels, seed and balanced accuracy."""
    lines = [f"e{row},a{row},Success,0.9,{value},{labels},{seed}" for row, (labels, seed, value) in enumerate(rows)]
    repeated = f",workspace,,0.9,{rows[0][2]},{rows[0][0]},{rows[0][1]}"
    path.write_text("\n".join([HEAD, repeated, *lines, "f,b,Failed,,,,0", "main,,,!,!,!,!"]) + "\n")
    return path


def pairs(few: list[float], many: list[float]) -> list[tuple[int, int, float]]:
    return [(labels, seed, one) for labels, some in ((50, few), (100, many)) for seed, one in enumerate(some)]


@pytest.mark.parametrize(
    ("few", "many", "words"),
    [
        ([0.80, 0.81, 0.79], [0.90, 0.91, 0.90], "more labels would help"),
        ([0.90, 0.91, 0.90], [0.901, 0.911, 0.901], "would hardly help"),
        ([0.80, 0.95, 0.85], [0.90, 0.91, 0.90], "the seeds differ too much to say"),
        ([0.80], [0.90], "only 1 seeds can be compared"),
    ],
)
def test_it_says_whether_more_labels_would_help(tmp_path, few, many, words):
    runs = read_curve(write(tmp_path / "experiments.csv", pairs(few, many)))
    assert advice(runs).startswith("From 50 to 100 labels ") and words in advice(runs)


def test_the_interval_is_that_of_the_paired_seeds(tmp_path):
    runs = read_curve(write(tmp_path / "experiments.csv", pairs([0.5, 0.7, 0.9], [0.6, 0.8, 1.0])))
    assert "by +10.0 points (95 % interval +10.0 to +10.0 over 3 seeds)" in advice(runs)


def test_seeds_of_one_number_of_labels_are_a_row_with_their_range(tmp_path):
    runs = read_curve(write(tmp_path / "experiments.csv", pairs([0.8, 0.9], [0.9, 0.95])))
    table = table_of(runs)
    assert table.headings == ["labels", "seeds", "accuracy", "balanced accuracy"]
    assert table.rows[0] == ["50", "2", "90.0 (90.0 to 90.0)", "85.0 (80.0 to 90.0)"]


def test_the_picture_is_written(tmp_path):
    plot_curve(read_curve(write(tmp_path / "experiments.csv", pairs([0.8, 0.9], [0.9, 0.95]))), tmp_path / "curve.png")
    colours = Image.open(tmp_path / "curve.png").convert("RGB").getcolors(1 << 24) or []
    assert {(31, 119, 180), (255, 127, 14)} <= {colour for _, colour in colours}


def test_one_number_of_labels_is_no_curve(tmp_path):
    table = write(tmp_path / "experiments.csv", [(50, 0, 0.9), (50, 1, 0.8)])
    with pytest.raises(InputError, match=r"of one number of labels alone; run some with other data.train_labels"):
        read_curve(table)


def test_experiments_of_an_older_version_are_one_sentence(tmp_path):
    (tmp_path / "old.csv").write_text(HEAD.replace(",metrics.json:train_frames.total", "") + "\n")
    with pytest.raises(InputError, match=r"has no column train_frames.total; run experiments up to `evaluate`"):
        read_curve(tmp_path / "old.csv")


def test_the_command_draws_and_says_it(tmp_path):
    write(tmp_path / "experiments.csv", pairs([0.8, 0.81], [0.9, 0.91]))
    done = run("label-curve", "experiments.csv", "curve.png", folder=tmp_path, COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    assert "90.0 (90.0 to 90.0)" in done.stdout and done.stdout.rstrip().endswith("more labels would help.")
    assert (tmp_path / "curve.png").stat().st_size > 1000
