"""``tinyinspect compare``: two models on the frames that both were tested on."""

from pathlib import Path
from typing import Annotated

import typer


def compare(
    base: Annotated[str, typer.Argument(help="commit, branch, tag or experiment")],
    head: Annotated[str | None, typer.Argument(help="the same; default: what stands in the working folder")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the text and the contact sheet; default: none")] = None,
) -> None:
    """Say in ten lines of Markdown which of two models is better, and whether that is beyond chance.

    Nothing is trained or pulled: the tables that `dvc repro` writes stand in Git.
    Example: tinyinspect compare main --out comparison
    """
    from tinyinspect.config.extract import Extract
    from tinyinspect.errors import InputError
    from tinyinspect.files import complete_file
    from tinyinspect.project.root import nearest
    from tinyinspect.registry import task_part
    from tinyinspect.review.compared import common
    from tinyinspect.review.markdown import markdown
    from tinyinspect.review.pictures import find_pictures, write_sheet
    from tinyinspect.review.versions import read_version

    root = nearest()
    before, after = read_version(root, base), read_version(root, head)
    tasks = [one.params["task"]["name"] for one in (before, after)]
    if tasks[0] != tasks[1]:
        raise InputError(f"{before.name} is a {tasks[0]} and {after.name} a {tasks[1]}; compare two of one task")
    same = common(before, after)
    rows = task_part(tasks[1], "comparison").compare(same, after.params["seed"])
    cost = [task_part(tasks[1], "report").headline(one.metrics) for one in (before, after)]
    text = markdown(before, after, same, rows, cost)
    if out is not None:
        groups = {"newly wrong": same.newly_wrong, "newly right": same.newly_right}
        extract = Extract.model_validate(after.params["extract"])
        changed = [row for table in groups.values() for row in table.index]
        pictures = find_pictures(root, same.head.loc[changed], extract)
        out.mkdir(parents=True, exist_ok=True)
        shown = write_sheet(out / "frames.jpg", groups, pictures)
        text += (
            "" if shown == len(changed) else f"\n{shown} of these {len(changed)} pictures are on the contact sheet.\n"
        )
        with complete_file(out / "comparison.md") as target:
            target.write_text(text, encoding="utf-8")
    print(text, end="")
