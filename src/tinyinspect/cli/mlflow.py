"""``tinyinspect mlflow``: the runs of this project in MLflow's page."""

import typer


def mlflow() -> None:
    """Serve MLflow's page of this project's runs, on port 5000 or the next free one, and print its address.

    Example: tinyinspect mlflow
    """
    import os

    from tinyinspect.errors import InputError
    from tinyinspect.project.root import nearest
    from tinyinspect.tracking.page import open_page

    os.chdir(nearest())
    try:
        status = open_page()
    except KeyboardInterrupt:
        status = 0
    except OSError as error:
        raise InputError(f"MLflow's page cannot be served ({error}); stop a server that you no longer need") from None
    raise typer.Exit(status)
