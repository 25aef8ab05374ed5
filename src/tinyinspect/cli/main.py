"""``tinyinspect``: the commands that are no stage of the graph."""

import typer

from tinyinspect.cli.check import check
from tinyinspect.cli.exchange import export_labels, import_labels
from tinyinspect.cli.label import label
from tinyinspect.errors import reported

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def _commands() -> None:
    """From a camera recording to a vision model that provably runs on a microcontroller camera."""


app.command()(check)
app.command()(label)
app.command()(export_labels)
app.command()(import_labels)


def main() -> None:
    """Run the command line; what the user gave wrong is one sentence."""
    with reported():
        app()
