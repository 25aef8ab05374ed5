from pathlib import Path

import pytest
from PIL import Image

from tinyinspect.errors import InputError
from tinyinspect.report.front import front, plot_front, read_experiments

# As `dvc exp show --csv` writes it: a baseline without name, the workspace repeated, a failed run.
EXPERIMENTS = """\
Experiment,rev,typ,State,tflite_micro.accuracy,device.json:instructions,seed,model.stem_stride
,workspace,baseline,,0.988,12000000,0,2
,main,baseline,,0.988,12000000,0,2
narrow-0,a1,branch_base,Success,0.982,9000000,0,2
narrow-1,a2,branch_base,Success,0.986,9000000,1,2
beaten,a3,branch_base,Success,0.980,30000000,0,1
published,a4,branch_base,Success,0.992,51000000,0,1
failed,a5,branch_base,Failed,,,0,1
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "experiments.csv").write_text(EXPERIMENTS)
    return tmp_path / "experiments.csv"


def test_seeds_of_a_network_become_one_point(table: Path) -> None:
    networks = read_experiments(table)
    assert list(networks["name"]) == ["narrow-0", "main", "beaten", "published"]
    narrow = networks.iloc[0]
    assert (narrow["runs"], narrow["instructions"]) == (2, 9_000_000)
    assert [narrow["lowest"], narrow["accuracy"], narrow["highest"]] == pytest.approx([98.2, 98.4, 98.6])
    assert networks.iloc[1]["runs"] == 1


def test_the_front_leaves_out_what_is_beaten(table: Path) -> None:
    assert list(front(read_experiments(table))["name"]) == ["narrow-0", "main", "published"]


def test_the_picture_is_written(table: Path, tmp_path: Path) -> None:
    plot_front(read_experiments(table), tmp_path / "plots" / "front.png")
    picture = Image.open(tmp_path / "plots" / "front.png").convert("RGB")
    colours = picture.getcolors(picture.width * picture.height) or []
    assert (31, 119, 180) in [colour for _, colour in colours]  # the front's line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is no table of experiments"),
        ("Experiment,instructions\na,1\n", "has no column tflite_micro.accuracy"),
        ("Experiment,instructions,tflite_micro.accuracy\na,,\n", "holds no finished experiment"),
    ],
)
def test_a_table_without_experiments_is_one_sentence(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "experiments.csv").write_text(content)
    with pytest.raises(InputError, match=says):
        read_experiments(tmp_path / "experiments.csv")


def test_a_resnet9_is_named_by_its_shape(tmp_path: Path) -> None:
    columns = "model.channels,model.convolutions,model.stem_kernel,model.stem_stride"
    (tmp_path / "experiments.csv").write_text(
        f"Experiment,tflite_micro.accuracy,instructions,{columns}\n"
        'odd-name,0.99,9000000,"[8, 16, 32, 64]","[1, 2, 2, 2]",3,2\n'
    )
    assert read_experiments(tmp_path / "experiments.csv")["name"].tolist() == ["8-16-32-64, 1-2-2-2, stem 3x3/2"]
