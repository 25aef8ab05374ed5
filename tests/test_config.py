from pathlib import Path

import pytest
import yaml

from tinyinspect import config
from tinyinspect.compose import composed
from tinyinspect.errors import InputError

ROOT = Path(__file__).parents[1]


def test_params_equal_the_composed_default():
    assert yaml.safe_load((ROOT / "params.yaml").read_text()) == composed(ROOT / "conf", [])


@pytest.mark.parametrize("experiment", sorted(path.stem for path in (ROOT / "conf/experiment").glob("*.yaml")))
def test_every_experiment_composes(experiment):
    assert config.check(composed(ROOT / "conf", [f"experiment={experiment}"]), "conf/")


@pytest.mark.parametrize(
    "group", ["data", "extract", "pretrain", "select", "model", "train", "convert", "quantize", "board", "app"]
)
def test_every_choice_of_a_group_composes(group):
    choices = [path.stem for path in (ROOT / "conf" / group).glob("*.yaml")]
    assert choices
    for choice in choices:
        composed(ROOT / "conf", [f"{group}={choice}"])


def test_an_override_that_names_nothing_is_one_sentence():
    with pytest.raises(InputError, match="epoch") as caught:
        composed(ROOT / "conf", ["train.epoch=3"])
    assert "\n" not in str(caught.value)


@pytest.fixture
def params():
    return yaml.safe_load((ROOT / "params.yaml").read_text())


def test_an_unknown_key_names_the_nearest(params):
    params["train"]["epcohs"] = 3
    with pytest.raises(InputError, match=r"unknown parameter 'train.epcohs'; did you mean 'epochs'\?"):
        config.check(params, "params.yaml")


def test_an_unknown_section_is_refused(params):
    params["tarin"] = {}
    with pytest.raises(InputError, match=r"unknown parameter 'tarin'; did you mean 'train'\?"):
        config.check(params, "params.yaml")


def test_a_missing_key_is_named(params):
    del params["select"]["split"]
    with pytest.raises(InputError, match=r"parameter 'select.split' is missing"):
        config.check(params, "params.yaml")


def test_a_value_out_of_range_is_named_with_the_range(params):
    params["train"]["validation_fraction"] = 1.5
    with pytest.raises(InputError, match=r"'train.validation_fraction' is 1.5; input should be less than 1"):
        config.check(params, "params.yaml")


def test_a_mistyped_choice_names_the_choices(params):
    params["convert"]["converter"] = "onnx3tf"
    with pytest.raises(InputError, match=r"'convert.converter' is 'onnx3tf'; input should be 'onnx2tf' or 'onnx_tf'"):
        config.check(params, "params.yaml")


@pytest.mark.parametrize(
    ("content", "said"), [("a: [", "is not YAML"), ("- a", "holds no mapping"), (None, "is missing")]
)
def test_a_file_that_is_no_mapping_is_one_sentence(tmp_path, content, said):
    path = tmp_path / "params.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=said) as caught:
        config.load(path)
    assert "\n" not in str(caught.value)
