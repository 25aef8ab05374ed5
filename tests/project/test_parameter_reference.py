from pathlib import Path

import pytest

from tinyinspect.project.compose import composed
from tinyinspect.project.parameter_reference import comment, reference

ROOT = Path(__file__).parents[2]
CONF = ROOT / "conf"


@pytest.fixture(scope="module")
def page():
    return reference(CONF)


def test_the_committed_page_is_the_one_that_is_made(page):
    committed = (ROOT / "docs/parameters.md").read_text()
    assert committed == page, "run `tinyinspect parameters` and commit docs/parameters.md"


@pytest.mark.parametrize("overrides", [[], ["model=mobilenetv2_metric"]])
def test_every_parameter_has_a_row_that_describes_it(page, overrides):
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    described = {row[0].strip("`"): row[-1] for row in cells if len(row) == 4}
    content = composed(CONF, overrides)
    names = [f"{section}.{key}" for section, values in content.items() if section != "seed" for key in values]
    assert len(names) > 80
    assert [name for name in [*names, "seed"] if len(described[name]) < 12] == []


@pytest.mark.parametrize("path", sorted(CONF.rglob("*/*.yaml")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_choice_says_what_it_is_for(path):
    assert len(comment(path)) > 12, f"{path} needs a first comment"
