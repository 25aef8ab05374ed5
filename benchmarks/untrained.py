"""What a model costs on its board before anyone trains it: the verdict on the int8 file of its initial weights.

    python benchmarks/untrained.py model=mobilenetv2_metric_h7 model.width=0.2
    python benchmarks/untrained.py model=efficientnet_lite0_metric model.input_size=224

Give settings as for `tinyinspect compose`.
"""

import argparse
from pathlib import Path

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.device.verdict_text import verdict_text
from tinyinspect.errors import reported
from tinyinspect.project.compose import composed
from tinyinspect.project.untrained import verdict_of


def main() -> None:
    """Print the verdict on the board that the settings name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="*", help="as for `tinyinspect compose`")
    params = check(composed(Path("conf"), parser.parse_args().settings), "conf/", Params)
    print(verdict_text(verdict_of(Path(), params)))


if __name__ == "__main__":
    with reported():
        main()
