from pathlib import Path

from PIL import Image

from tests.device.networks import Network, resnet9
from tinyinspect.device.boards import read_board
from tinyinspect.device.cost import cost_of
from tinyinspect.report.layer_cost import plot_layer_cost

BOARD = read_board(Path("conf/board"), "openmv_h7")


def test_a_bar_a_layer_in_the_colour_of_its_operator(tmp_path: Path) -> None:
    plot_layer_cost(cost_of(resnet9(tmp_path / "net.tflite")), BOARD, tmp_path / "cost.png")
    picture = Image.open(tmp_path / "cost.png").convert("RGB")
    counts = {colour: count for count, colour in picture.getcolors(picture.width * picture.height) or []}
    convolution, addition = (31, 119, 180), (255, 127, 14)
    assert counts[convolution] > counts[addition] > 0


def test_the_picture_grows_with_the_network(tmp_path: Path) -> None:
    network = Network()
    small = network.write(tmp_path / "one.tflite", network.conv(network.input(1, 16, 16, 3), 8))
    plot_layer_cost(cost_of(small), BOARD, tmp_path / "small.png")
    plot_layer_cost(cost_of(resnet9(tmp_path / "net.tflite")), BOARD, tmp_path / "large.png")
    assert Image.open(tmp_path / "large.png").height > 2 * Image.open(tmp_path / "small.png").height
