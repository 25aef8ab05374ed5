from pathlib import Path

import pytest

from tinyinspect.errors import InputError
from tinyinspect.project.contents import labels_beside


@pytest.mark.parametrize("name", ["annotations.csv", "Annotations.CSV", "annotations/mine.csv"])
def test_labels_lie_beside_the_recordings(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("video,frame,label\n")
    assert labels_beside(tmp_path) == [tmp_path / name]


def test_a_table_of_another_name_is_told_and_none_is_none(tmp_path: Path) -> None:
    assert labels_beside(tmp_path) == []
    (tmp_path / "labels.csv").write_text("video,frame,label\n")
    with pytest.raises(InputError, match=r"labels\.csv looks like a table of labels; name it annotations\.csv"):
        labels_beside(tmp_path)
