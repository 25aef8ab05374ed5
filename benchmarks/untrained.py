"""What a model costs on its board before anyone trains it: the verdict on the int8 file of its initial weights.

    python benchmarks/untrained.py model=mobilenetv2_metric_h7 model.width=0.2
    python benchmarks/untrained.py model=efficientnet_lite0_metric model.input_size=224

Give settings as for `tinyinspect compose`.
"""

import argparse
import tempfile
from pathlib import Path

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.device.boards import read_boards
from tinyinspect.device.check import check_file
from tinyinspect.device.verdict import OWN
from tinyinspect.device.verdict_text import verdict_text
from tinyinspect.errors import reported
from tinyinspect.project.compose import composed
from tinyinspect.project.untrained import int8_file

CONF = Path("conf")


def main() -> None:
    """Print the verdict on the board that the settings name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="*", help="as for `tinyinspect compose`")
    params = check(composed(CONF, parser.parse_args().settings), "conf/", Params)
    boards = list(read_boards(CONF / "board").values())
    with tempfile.TemporaryDirectory() as folder:
        model = int8_file(params, Path(folder))
        print(*map(verdict_text, check_file(model, [params.board], boards, CONF / "accelerator", OWN)), sep="\n")


if __name__ == "__main__":
    with reported():
        main()
