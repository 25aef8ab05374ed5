"""A plain ``git merge upstream/main`` in a line: no conflict over what is one's own, and own branches as ever."""

import subprocess
from pathlib import Path

from dulwich import porcelain

from tests.project.conftest import change_upstream, labels, params, run_git, status
from tinyinspect.project.update import update_line


def fetch(line: Path) -> str:
    """Fetch the repository's newest; the name of its branch here."""
    run_git(line, "fetch", "--quiet", "upstream")
    return run_git(line, "for-each-ref", "--format=%(refname:short)", "refs/remotes/upstream/*").split()[-1]


def with_results(line: Path) -> None:
    """A run made results of the line's own, a picture among them."""
    (line / "plots").mkdir(exist_ok=True)
    (line / "metrics.json").write_text("{}\n")
    (line / "plots/scores.png").write_bytes(b"\x89PNG\0own")
    run_git(line, "add", "metrics.json", "plots")
    run_git(line, "commit", "--quiet", "--no-verify", "--message", "First model")


def test_it_ends_without_a_conflict_and_what_is_ones_own_stays(line, origin):
    with_results(line)
    before, data = labels(line), (line / "data.dvc").read_text()
    (origin / "plots/scores.png").write_bytes(b"\x89PNG\0theirs")
    (origin / "plots/quantization_error.png").write_bytes(b"\x89PNG\0new")
    run_git(origin, "rm", "--quiet", "plots/misclassified.jpg")
    change_upstream(origin)
    run_git(line, "merge", "--no-edit", fetch(line))
    assert "# changed" in (line / "conf/train/classifier.yaml").read_text()
    assert labels(line) == before and (line / "data.dvc").read_text() == data
    assert (line / "metrics.json").read_text() == "{}\n"
    assert (line / "plots/scores.png").read_bytes() == b"\x89PNG\0own"
    for name in (
        "annotations/simulated_line.csv",
        "annotations/second.csv",
        "dvc.lock",
        "plots/quantization_error.png",
        "datastore",
    ):
        assert not (line / name).exists(), name
    assert len(run_git(line, "log", "-1", "--format=%P").split()) == 2 and status(line) == ""


def test_the_parameters_follow_the_merged_settings(line, origin):
    train = origin / "conf/train/classifier.yaml"
    train.write_text(train.read_text().replace("epochs: 1500", "epochs: 1234"))
    change_upstream(origin)
    run_git(line, "merge", "--no-edit", fetch(line))
    assert params(line)["train"]["epochs"] == 1234
    assert params(line)["data"]["classes"] == ["defective", "good", "no_mask"]
    assert status(line) == ""


def test_branches_of_the_line_itself_merge_as_ever(line):
    with_results(line)
    run_git(line, "checkout", "--quiet", "-b", "colleague")
    for place, name, mine in (("colleague", "metrics.json", "{1}\n"), ("main", "metrics.json", "{2}\n")):
        run_git(line, "checkout", "--quiet", place)
        (line / name).write_text(mine)
        (line / "annotations/labels.csv").write_text(f"video,frame,label\nmonday/line_00.avi,9{len(place)},good\n")
        run_git(line, "add", "--all")
        run_git(line, "commit", "--quiet", "--no-verify", "--message", place)
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "merge", "--no-edit", "colleague"],
        cwd=line,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "CONFLICT (content): Merge conflict in metrics.json" in done.stdout
    assert run_git(line, "diff", "--name-only", "--diff-filter=U").split() == ["metrics.json"]
    assert {f"monday/line_00.avi,9{number},good" for number in (4, 9)} <= labels(line)


def test_what_dvc_adds_to_git_is_added_as_it_is(line):
    (line / "metrics.json").write_text('{"own": 1}\n')
    porcelain.add(str(line), [str(line / "metrics.json")])  # as DVC does for an experiment
    assert run_git(line, "show", ":metrics.json") == '{"own": 1}\n'


def test_a_hook_of_ones_own_is_left_as_it_is(line, origin):
    hook = line / ".git/hooks/post-merge"
    hook.write_text("#!/bin/sh\necho mine\n")
    change_upstream(origin)
    update_line(line)
    assert hook.read_text() == "#!/bin/sh\necho mine\n"
