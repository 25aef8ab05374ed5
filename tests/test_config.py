from pathlib import Path

import pytest
import yaml

from tinyinspect.config.loading import RENAMED, check, load
from tinyinspect.config.params import Params
from tinyinspect.config.section import DecideSettings, Section, TaskSettings
from tinyinspect.errors import InputError
from tinyinspect.project.compose import composed
from tinyinspect.registry import TASKS

ROOT = Path(__file__).parents[1]
GATES_LOSSES = {path.stem for path in (ROOT / "conf/loss").glob("*.yaml")} - {"cross_entropy"}
NEEDED = {("loss", name): ["task=gate"] for name in GATES_LOSSES} | {
    ("decide", "gate"): ["task=gate"],
    ("accelerator", "ethos_u55"): ["board=openmv_ae3"],
    ("accelerator", "neural_art"): ["board=openmv_n6"],
}


def test_params_equal_the_composed_default():
    assert yaml.safe_load((ROOT / "params.yaml").read_text()) == composed(ROOT / "conf", [])


@pytest.mark.parametrize("experiment", sorted(path.stem for path in (ROOT / "conf/experiment").glob("*.yaml")))
def test_every_experiment_composes(experiment):
    assert check(composed(ROOT / "conf", [f"experiment={experiment}"]), "conf/", Params)


@pytest.mark.parametrize(
    "group",
    [
        "data",
        "execution",
        "extract",
        "pretrain",
        "select",
        "teacher",
        "task",
        "loss",
        "decide",
        "model",
        "train",
        "convert",
        "quantize",
        "accelerator",
        "board",
        "app",
    ],
)
def test_every_choice_of_a_group_composes(group):
    choices = [path.stem for path in (ROOT / "conf" / group).glob("*.yaml")]
    assert choices
    for choice in choices:
        composed(ROOT / "conf", [*NEEDED.get((group, choice), []), f"{group}={choice}"])


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
        check(params, "params.yaml", Params)


def test_an_unknown_key_of_a_model_names_the_nearest_of_its_kind(params):
    params["model"]["widht"] = 0.35
    with pytest.raises(InputError, match=r"unknown parameter 'model.widht'; known are architecture"):
        check(params, "params.yaml", Params)
    gate = composed(ROOT / "conf", ["model=mobilenetv2_metric"])
    gate["model"]["widht"] = 0.35
    with pytest.raises(InputError, match=r"unknown parameter 'model.widht'; did you mean 'width'\?"):
        check(gate, "params.yaml", Params)


def test_an_unknown_architecture_names_those_that_are_known(params):
    params["model"]["architecture"] = "resnet18"
    with pytest.raises(
        InputError, match=r"^params.yaml: 'model.architecture' is 'resnet18'; did you mean 'resnet9'\?$"
    ):
        check(params, "params.yaml", Params)
    params["model"]["architecture"] = "vgg"
    known = "resnet9, mobilenetv2_metric, efficientnet_lite0_metric"
    with pytest.raises(InputError, match=rf"'model.architecture' is 'vgg'; known are {known}$"):
        check(params, "params.yaml", Params)


def test_an_unknown_task_names_those_that_are_known(params):
    params["task"]["name"] = "gates"
    with pytest.raises(InputError, match=r"^params.yaml: 'task.name' is 'gates'; did you mean 'gate'\?$"):
        check(params, "params.yaml", Params)
    params["task"]["name"] = "yolo"
    with pytest.raises(InputError, match=r"'task.name' is 'yolo'; known are classifier, gate$"):
        check(params, "params.yaml", Params)


@pytest.mark.parametrize(("section", "key"), [("model", "architecture"), ("task", "name")])
@pytest.mark.parametrize("value", [None, 3, ["resnet9"], {"gate": 1}])
def test_a_name_that_is_no_text_is_one_sentence(params, section, key, value):
    params[section][key] = value
    with pytest.raises(InputError, match=f"'{section}.{key}' is") as caught:
        check(params, "params.yaml", Params)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("section", "key"), [("model", "architecture"), ("task", "name")])
@pytest.mark.parametrize("value", [None, "classifier", {}, []])
def test_a_section_without_its_name_is_one_sentence(params, section, key, value):
    params[section] = value
    with pytest.raises(InputError, match=f"parameter '{section}.{key}' is missing; add it, or compose"):
        check(params, "params.yaml", Params)


def test_a_loss_that_does_not_suit_the_task_names_those_that_do(params):
    gate = composed(ROOT / "conf", ["task=gate"])
    with pytest.raises(
        InputError,
        match=r"^params.yaml: 'loss.name' is 'arcface', but the task classifier trains with 'cross_entropy'; change o",
    ):
        check(params | {"loss": gate["loss"]}, "params.yaml", Params)
    with pytest.raises(
        InputError,
        match=r"^conf/: 'loss.name' is 'cross_entropy', but the task gate trains with 'arcface', .*'one_class'; c",
    ):
        check(gate | {"loss": params["loss"]}, "conf/", Params)


def test_a_loss_without_a_name_is_one_sentence(params):
    del params["loss"]["name"]
    with pytest.raises(InputError, match=r"parameter 'loss.name' is missing"):
        check(params, "params.yaml", Params)


@pytest.mark.parametrize("old", RENAMED)
def test_a_renamed_parameter_names_its_successor(params, old):
    section, _, key = old.partition(".")
    params[section] = params.get(section, {}) | ({key: 0.5} if key else {})
    with pytest.raises(InputError, match=f"'{section}.*'{RENAMED[old]}'") as caught:
        check(params, "params.yaml", Params)
    assert "\n" not in str(caught.value)


def test_a_file_of_an_earlier_version_says_what_a_section_is_called_now(params, tmp_path):
    params["gate"] = params.pop("task")
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    with pytest.raises(InputError, match=r"'gate' is now 'task'; compose the file anew"):
        load(tmp_path / "params.yaml", Params)


def test_every_successor_of_a_renamed_parameter_is_a_parameter():
    known = set()
    for task in TASKS:
        content = composed(ROOT / "conf", [f"task={task}"])
        known |= set(content) | {
            f"{name}.{key}" for name in content if isinstance(content[name], dict) for key in content[name]
        }
    assert set(RENAMED.values()) <= known
    assert not set(RENAMED) & known


def test_a_stage_reads_its_sections_alone_and_of_the_kind_that_is_named(params, tmp_path):
    class Inputs(Section):
        task: TaskSettings
        decide: DecideSettings

    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params | {"train": "nothing of this stage's"}))
    found = load(tmp_path / "params.yaml", Inputs)
    assert (found.task.folds, found.decide.max_error_rate) == (
        params["task"]["folds"],
        params["decide"]["max_error_rate"],
    )


def test_a_gate_needs_one_class_and_a_classifier_two(params):
    params["data"]["classes"] = ["crop"]
    with pytest.raises(InputError, match=r"^params.yaml: data.classes names one class, and a classifier"):
        check(params, "params.yaml", Params)
    overrides = ["model=mobilenetv2_metric", "data.classes=[crop]", "task.normal_classes=[crop]"]
    assert check(composed(ROOT / "conf", overrides), "conf/", Params).data.classes == ["crop"]


def test_a_normal_class_of_a_gate_is_one_of_the_classes():
    with pytest.raises(InputError, match=r"^conf/: task.normal_classes names 'godd', which is not in data.classes \("):
        composed(ROOT / "conf", ["task=gate", "task.normal_classes=[godd]"])


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("model", ["resnet9_small", "mobilenetv2_metric", "efficientnet_lite0_metric"])
def test_any_task_goes_with_any_architecture(task, model):
    found = check(composed(ROOT / "conf", [f"model={model}", f"task={task}"]), "conf/", Params)
    assert (found.task.name, found.model.architecture) == (
        task,
        composed(ROOT / "conf", [f"model={model}"])["model"]["architecture"],
    )


def test_the_metric_model_brings_what_it_needs_unless_told_otherwise():
    gate = composed(ROOT / "conf", ["model=mobilenetv2_metric"])
    assert (gate["train"]["min_scale"], gate["board"]["name"]) == (0.5, "openmv_h7_plus")
    other = composed(ROOT / "conf", ["model=mobilenetv2_metric", "board=openmv_rt1062", "train.epochs=3"])
    assert (other["board"]["name"], other["train"]["epochs"]) == ("openmv_rt1062", 3)
    assert composed(ROOT / "conf", ["model=mobilenetv2_metric_h7"])["board"]["name"] == "openmv_h7"
    npu = composed(ROOT / "conf", ["model=efficientnet_lite0_metric"])
    assert (npu["board"]["name"], npu["accelerator"]["name"]) == ("openmv_ae3", "ethos_u55")


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (["board=openmv_h7", "accelerator=ethos_u55"], "openmv_h7 has no neural processor; set accelerator=none"),
        (["board=openmv_n6", "accelerator=ethos_u55"], "openmv_n6 has neural_art; set accelerator=neural_art"),
        (["board=openmv_ae3", "accelerator=neural_art"], "openmv_ae3 has ethos_u55; set accelerator=ethos_u55"),
    ],
)
def test_an_accelerator_that_the_board_has_not_is_refused(choices, said):
    with pytest.raises(InputError, match=said):
        composed(ROOT / "conf", choices)
    composed(ROOT / "conf", ["board=openmv_n6", "accelerator=neural_art"])


def test_distillation_needs_a_teacher():
    with pytest.raises(InputError, match=r"^conf/: pretrain.method is distill and teacher.source is none; set teacher"):
        composed(ROOT / "conf", ["pretrain=distill", "teacher=none"])
    assert composed(ROOT / "conf", ["pretrain=distill", "teacher=none", "pretrain.epochs=0"])
    gate = composed(ROOT / "conf", ["model=mobilenetv2_metric", "pretrain=distill"])
    assert (gate["pretrain"]["method"], gate["teacher"]["source"]) == ("distill", "packaged")


def test_an_unknown_section_is_refused(params):
    params["tarin"] = {}
    with pytest.raises(InputError, match=r"unknown parameter 'tarin'; did you mean 'train'\?"):
        check(params, "params.yaml", Params)


def test_a_missing_key_is_named(params):
    del params["select"]["split"]
    with pytest.raises(InputError, match=r"parameter 'select.split' is missing"):
        check(params, "params.yaml", Params)


def test_a_value_out_of_range_is_named_with_the_range(params):
    params["task"]["validation_fraction"] = 1.5
    with pytest.raises(InputError, match=r"'task.validation_fraction' is 1.5; input should be less than 1"):
        check(params, "params.yaml", Params)


def test_a_mistyped_choice_names_the_choices(params):
    params["convert"]["converter"] = "onnx3tf"
    with pytest.raises(InputError, match=r"'convert.converter' is 'onnx3tf'; input should be 'onnx2tf' or 'onnx_tf'"):
        check(params, "params.yaml", Params)


@pytest.mark.parametrize(
    ("content", "said"), [("a: [", "is not YAML"), ("- a", "holds no mapping"), (None, "is missing")]
)
def test_a_file_that_is_no_mapping_is_one_sentence(tmp_path, content, said):
    path = tmp_path / "params.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=said) as caught:
        load(path, Params)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("[0, 1.5, true, no, y, 'on']", ["0", "1.5", "true", "no", "y", "on"]),
        ("[no mask, Übung (2), 50%, o'ring & co, é]", ["no mask", "Übung (2)", "50%", "o'ring & co", "é"]),
    ],
)
def test_classes_are_called_what_people_call_them(tmp_path, params, written, names):
    del params["data"]
    data = f"data: {{classes: {written}, train_labels: null, test_labels: null}}\n"
    (tmp_path / "params.yaml").write_text(data + yaml.safe_dump(params))
    assert load(tmp_path / "params.yaml", Params).data.classes == names


@pytest.mark.parametrize("name", ["a/b", "a\\b", "a:b", "!bad", "-x", ".x", "x.", " x", "x ", "a,b", 'a"b', "a\nb", ""])
def test_a_class_that_can_be_no_file_is_refused_in_words(params, name):
    params["data"]["classes"] = [name, "b"]
    with pytest.raises(InputError, match=r"'data\.classes\.0' is .*; a class cannot be called so: leave out"):
        check(params, "params.yaml", Params)
