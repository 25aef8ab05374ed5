"""What a person sets arrives whole, whatever characters it holds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as of_examples
from hypothesis import strategies as st

from tinyinspect.errors import InputError
from tinyinspect.project.compose import composed
from tinyinspect.project.overrides import Settings, settings, words
from tinyinspect.project.own import read_own, write_own

ROOT = Path(__file__).parents[2]
CONF = ROOT / "conf"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", []),
        ("a=1  b=2", ["a=1", "b=2"]),
        ("data.classes=[ok, scratched] board=x", ["data.classes=[ok, scratched]", "board=x"]),
        ("'train.epochs=3' b=2", ["train.epochs=3", "b=2"]),
        ('data.classes=["0","1 a"]', ['data.classes=["0","1 a"]']),
        ("a='x y' b=(1 2)", ["a='x y'", "b=(1 2)"]),
    ],
)
def test_a_text_is_cut_at_its_blanks_but_not_within_brackets(text, cut):
    assert words(text) == cut


@pytest.mark.parametrize("text", ["a='x", "a=[x", 'a="'])
def test_what_is_not_closed_is_said(text):
    with pytest.raises(InputError, match=r"close the (quotation mark|bracket)"):
        words(text)


@pytest.mark.parametrize(
    ("written", "classes"),
    [
        ("[0,1,2]", ["0", "1", "2"]),
        ("[true, no, null]", ["true", "no", "null"]),
        ("[01, 1e3, 0x1F]", ["01", "1e3", "0x1F"]),
        ('["in Ordnung", größe]', ["in Ordnung", "größe"]),
        ("[a b,c.d]", ["a b", "c.d"]),
    ],
)
def test_names_of_classes_are_text_as_it_is_written(written, classes):
    assert composed(CONF, [f"data.classes={written}"])["data"]["classes"] == classes


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("train.epoch=3", "unknown parameter 'train.epoch'; did you mean 'epochs'"),
        ("bord=x", "unknown parameter 'bord'; did you mean 'board'"),
        ("board=nicla_vison", "conf/board has no 'nicla_vison'; did you mean 'nicla_vision'"),
        ("train.epochs=[3", "train.epochs: '.3' cannot be read"),
        ("epochs", "write key=value"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_what_was_meant(override, says):
    with pytest.raises(InputError, match=says):
        composed(CONF, [override])


def conf_of(folder: Path) -> Path:
    (folder / "conf").mkdir()
    for path in CONF.iterdir():
        (folder / "conf" / path.name).symlink_to(path)
    return folder / "conf"


def test_own_settings_stay_whatever_the_experiment_and_give_way_to_the_command_line(tmp_path):
    conf = conf_of(tmp_path)
    write_own(tmp_path, settings(["board=nicla_vision", "train.epochs=7", "data.classes=[ok,0]"], conf))
    own = composed(conf, ["experiment=smoke"])
    assert (own["board"]["name"], own["train"]["epochs"], own["pretrain"]["epochs"]) == ("nicla_vision", 7, 1)
    assert own["data"]["classes"] == ["ok", "0"]
    asked = composed(conf, ["board=openmv_m7", "train.epochs=9"])
    assert (asked["board"]["name"], asked["train"]["epochs"]) == ("openmv_m7", 9)


def test_what_a_person_wrote_into_the_own_settings_stays(tmp_path):
    conf = conf_of(tmp_path)
    write_own(tmp_path, settings(["train.epochs=7"], conf))
    path = tmp_path / "conf/line/own.yaml"
    path.write_text(path.read_text().replace("epochs: 7", "epochs: 7  # enough for us") + "seed: 3\n")
    write_own(tmp_path, settings(["board=openmv_m7", "board=nicla_vision", "train.noise=0.1"], conf))
    assert "epochs: 7  # enough for us" in path.read_text() and path.read_text().count("/board") == 1
    own = composed(conf, [])
    assert (own["seed"], own["train"]["epochs"], own["train"]["noise"]) == (3, 7, 0.1)
    path.write_text("a: [")
    with pytest.raises(InputError, match="is not YAML"):
        read_own(tmp_path)


@of_examples(deadline=None)
@given(st.lists(st.from_regex(r"\A\w([\w .-]*\w)?\Z"), min_size=1, max_size=5, unique=True))
def test_every_name_that_a_class_may_have_comes_back_from_the_file(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("line")
    write_own(folder, Settings(values={"data.classes": names}))
    assert list(read_own(folder)["data"]["classes"]) == names
