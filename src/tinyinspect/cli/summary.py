"""``tinyinspect summary``: what the last run found, and what comes next."""


def summary() -> None:
    """Say what the last run found: measures, cost of int8, the board's verdict, report, bundle, next command.

    Example: dvc repro; tinyinspect summary
    """
    from tinyinspect.project.root import nearest
    from tinyinspect.report.summary import summary as text

    print(text(nearest()))
