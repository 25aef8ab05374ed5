"""``tinyinspect update``: the repository's newest code for a line."""


def update() -> None:
    """Merge what is new in the repository that this line was made of. Your labels, settings and results stay.

    Example: cd ~/line && tinyinspect update
    """
    import sys

    from tinyinspect.project.lock import locked
    from tinyinspect.project.root import nearest
    from tinyinspect.project.update import recompose, update_line

    root = nearest()
    with locked(root):
        print(update_line(root))
        recompose(root, sys.executable)
