"""``tinyinspect``: the commands that are no stage of the graph."""

import typer

from tinyinspect.cli.add import add
from tinyinspect.cli.cascade import cascade, train_cascade
from tinyinspect.cli.check import check
from tinyinspect.cli.compare import compare
from tinyinspect.cli.compose import compose
from tinyinspect.cli.deploy import deploy
from tinyinspect.cli.device_check import device_check
from tinyinspect.cli.exchange import export_labels, import_labels
from tinyinspect.cli.front import front
from tinyinspect.cli.label import label
from tinyinspect.cli.label_curve import label_curve
from tinyinspect.cli.mlflow import mlflow
from tinyinspect.cli.new import new
from tinyinspect.cli.parameters import parameters
from tinyinspect.cli.predict import predict
from tinyinspect.cli.real import real
from tinyinspect.cli.simulate import simulate
from tinyinspect.cli.summary import summary
from tinyinspect.cli.sweep import search, sweep, sweeps
from tinyinspect.cli.test_set import check_data, draw_test_set
from tinyinspect.cli.tune import tune
from tinyinspect.cli.update import update
from tinyinspect.errors import INTERRUPTED, reported
from tinyinspect.project.root import run_code_of_nearest

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def _commands() -> None:
    """From a camera recording to a vision model that provably runs on a microcontroller camera.

    Every command acts on the project that it is called in.
    """


app.command()(check)
app.command()(new)
app.command()(add)
app.command()(update)
app.command()(real)
app.command()(summary)
app.command()(check_data)
app.command()(draw_test_set)
app.command()(label)
app.command()(export_labels)
app.command()(import_labels)
app.command()(deploy)
app.command()(device_check)
app.command()(cascade)
app.command()(train_cascade)
app.command()(compose)
app.command()(simulate)
app.command()(front)
app.command()(label_curve)
app.command()(parameters)
app.command()(compare)
app.command()(predict)
app.command()(sweep)
app.command()(sweeps)
app.command()(search)
app.command()(tune)
app.command()(mlflow)


def main() -> None:
    """Run the command line; what the user gave wrong is one sentence."""
    with reported():
        run_code_of_nearest()
        try:
            app(prog_name="tinyinspect")
        except SystemExit as end:
            if end.code == INTERRUPTED:  # typer says nothing
                raise KeyboardInterrupt from None
            raise
