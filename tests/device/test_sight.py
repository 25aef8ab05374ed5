"""What a network sees: the firmware's pixels through the input's own scale, and the shapes it writes them into."""

from pathlib import Path

import pytest

from tests.device.networks import TYPES, Network
from tinyinspect.camera import Fit
from tinyinspect.device.findings import Finding, Kind
from tinyinspect.device.graph import Graph, read_graph
from tinyinspect.device.sight import OURS, Pixels, seen, seen_pixels


def _graph(path: Path, *shape: int, **contract: float) -> Graph:
    network = Network()
    x = network.input(*shape, **contract)
    return read_graph(network.write(path / "net.tflite", network.operator("RELU", [x], shape)))


def _input(graph: Graph, trained: Pixels | None = None, fit: Fit = Fit.STRETCH) -> Finding:
    return next(one for one in seen(graph, fit, trained) if one.check == "input")


@pytest.mark.parametrize(
    ("contract", "text"),
    [
        ({"scale": 1 / 255, "zero_point": -128}, "0 to 1"),
        ({"scale": 1.0, "zero_point": -128}, "0 to 255"),
        ({"scale": 1 / 127.5, "zero_point": -1}, "-1 to 1"),
        ({"scale": 1.0, "zero_point": 0}, "-128 to 127"),
        ({"scale": 0.0186, "zero_point": -14}, "-2.12 to 2.623"),
        ({"scale": 1 / 255, "zero_point": 0, "dtype": TYPES.UINT8}, "0 to 1"),
        ({"scale": 1 / 127.5, "zero_point": 128, "dtype": TYPES.UINT8}, "-1 to 1"),
        ({"dtype": TYPES.FLOAT32}, "0 to 1"),
    ],
)
def test_the_pixels_follow_from_the_inputs_own_scale(tmp_path: Path, contract: dict, text: str) -> None:
    finding = _input(_graph(tmp_path, 1, 16, 16, 3, **contract))
    assert f"RGB: pixels are seen as {text}" in finding.found
    assert finding.kind is Kind.SEES and "was it trained so?" in finding.change


def test_pixel_by_pixel_as_the_firmware_writes_them(tmp_path: Path) -> None:
    graph = _graph(tmp_path, 1, 16, 16, 3, scale=0.02, zero_point=-20)
    pixels = seen_pixels(graph.tensors[0])
    assert pixels is not None
    for pixel in (0, 100, 255):
        written = pixel - 128
        expected = (written - -20) * 0.02
        assert pixels.black + (pixels.white - pixels.black) * pixel / 255 == pytest.approx(expected, abs=1e-6)


def test_our_own_convention_passes_and_another_does_not(tmp_path: Path) -> None:
    assert _input(_graph(tmp_path, 1, 16, 16, 3), OURS).kind is None
    assert _input(_graph(tmp_path, 1, 16, 16, 3, scale=0.00392148), OURS).kind is None
    other = _input(_graph(tmp_path, 1, 16, 16, 3, scale=2 / 255, zero_point=-1), OURS)
    assert other.kind is Kind.SEES and "trained on 0 to 1: scale 0.00392157, zero point -128" in other.change
    assert _input(_graph(tmp_path, 1, 16, 16, 3, zero_point=-125), OURS).kind is Kind.SEES
    assert _input(_graph(tmp_path, 1, 16, 16, 3, dtype=TYPES.FLOAT32), OURS).kind is Kind.SEES


@pytest.mark.parametrize(
    ("shape", "kind", "says"),
    [
        ((1, 3, 16, 16), Kind.SEES, "channels first"),
        ((1, 16, 16, 1), Kind.SEES, "grey: pixels"),
        ((1, 16, 16, 4), None, "no picture"),
        ((2, 16, 16, 3), None, "no picture"),
        ((1, 1960), None, "must be given an array"),
    ],
)
def test_shapes_that_are_pictures_and_that_are_not(tmp_path: Path, shape: tuple, kind: Kind | None, says: str) -> None:
    finding = _input(_graph(tmp_path, *shape))
    assert finding.kind is kind and says in finding.found
    if kind is None:
        assert _input(_graph(tmp_path, *shape), OURS).kind is Kind.SEES


def test_an_int16_picture_is_written_by_nobody(tmp_path: Path) -> None:
    finding = _input(_graph(tmp_path, 1, 16, 16, 3, dtype=TYPES.INT16, zero_point=0))
    assert finding.kind is Kind.SEES and "writes no pixels" in finding.found


def test_an_oblong_input_says_how_the_picture_is_fitted(tmp_path: Path) -> None:
    graph = _graph(tmp_path, 1, 16, 32, 3)
    assert "cropped" in _input(graph, fit=Fit.CROP).found and "stretched" in _input(graph, fit=Fit.STRETCH).found
    assert "stretched" not in _input(_graph(tmp_path, 1, 16, 16, 3)).found


def test_several_inputs_are_named_in_order(tmp_path: Path) -> None:
    network = Network()
    made = network.add(network.input(1, 16, 16, 3), network.input(1, 16, 16, 3))
    found = seen(read_graph(network.write(tmp_path / "net.tflite", made)), Fit.CROP, None)
    assert [one.found for one in found if one.check == "inputs"] == ["2: 1x16x16x3, 1x16x16x3"]


def test_an_output_without_a_scale_gives_integers(tmp_path: Path) -> None:
    network = Network()
    x = network.input(1, 16, 16, 3)
    made = network.operator("RELU", [x], (1, 16, 16, 3), scales=[], zero_points=[])
    found = seen(read_graph(network.write(tmp_path / "net.tflite", made)), Fit.CROP, None)
    assert found[-1].kind is Kind.SEES and "without a scale" in found[-1].found
