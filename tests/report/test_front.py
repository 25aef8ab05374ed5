from pathlib import Path

import pytest
from PIL import Image

from tests.cli.running import run
from tinyinspect.device.boards import read_board
from tinyinspect.errors import InputError
from tinyinspect.report.front import front, on_board, plot_front, plot_fronts, read_experiments

ROOT = Path(__file__).parents[2]
BOARDS = ROOT / "conf/board"

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


def with_memory(table: Path, arena: str) -> Path:
    """The same experiments, with what memory they take; the published network an arena of its own."""
    head, *rows = table.read_text().splitlines()
    memory = [f",{arena if row.startswith('published') else 20000},95000" for row in rows]
    lines = [f"{head},arena_bytes,file_bytes", *(row + more for row, more in zip(rows, memory, strict=True))]
    table.write_text("\n".join(lines) + "\n")
    return table


def test_a_board_shows_the_networks_that_it_has_the_memory_for(table: Path, tmp_path: Path) -> None:
    networks = read_experiments(with_memory(table, "107000"))
    small, large = (read_board(BOARDS, name) for name in ("openmv_m7", "openmv_h7"))
    assert list(on_board(networks, small)["name"]) == ["narrow-0", "main", "beaten"]  # a heap of 51,200 bytes
    assert list(on_board(networks, large)["name"]) == ["narrow-0", "main", "beaten", "published"]
    assert on_board(networks, large)["milliseconds"].iloc[0] == pytest.approx(9e6 * 1.28 / 480e3)
    plot_fronts(networks, [small, large], tmp_path / "boards.png")
    assert Image.open(tmp_path / "boards.png").width > 1000


def test_the_command_leaves_out_boards_whose_time_is_not_known(table: Path) -> None:
    with_memory(table, "107000")
    done = run("front", table, table.with_suffix(".png"), "--board", "all", folder=ROOT)
    assert done.returncode == 0 and table.with_suffix(".png").exists()
    assert "left out" in done.stdout and "OpenMV Cam AE3, OpenMV Cam N6" in done.stdout
    refused = run("front", table, table.with_suffix(".png"), "--board", "openmv_n6", folder=ROOT)
    assert refused.returncode and "compiled file" in refused.stderr and "Traceback" not in refused.stderr


def test_without_memory_no_board_can_be_judged(table: Path) -> None:
    with pytest.raises(InputError, match="no column arena_bytes"):
        on_board(read_experiments(table), read_board(BOARDS, "openmv_h7"))


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
