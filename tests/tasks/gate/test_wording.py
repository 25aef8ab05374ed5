from rich.console import Console

from tests.tasks.gate.gates import RUNTIMES, embeddings_of, gate, pictures, scores
from tinyinspect.report import table
from tinyinspect.tasks.gate import wording
from tinyinspect.tasks.gate.measures import score

METRICS = score(dict.fromkeys(RUNTIMES, embeddings_of(scores())), pictures(), gate(), 0).metrics


def test_every_cell_has_a_heading_and_an_interval():
    cells = wording.cells(METRICS["tflite_micro"])
    assert len(cells) == len(wording.headings(METRICS)) == 5
    value, interval = cells[0]
    assert float(value) == round(100 * METRICS["tflite_micro"]["auroc"], 2)
    low, high = map(float, interval.split("-"))
    assert low < float(value) < high


def test_sources_tell_which_were_trained_on():
    names, rows = wording.sources(METRICS)
    assert {row[0] for row in rows} == {"photo/dress", "object/ball", "class/no_mask (trained on)"}
    assert all(len(row) == len(names) for row in rows)


def test_the_table_of_a_gate_fits_a_terminal_of_80_columns():
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    table.print_metrics(METRICS, wording, console)
    text = console.export_text()
    assert "…" not in text and "AUROC" in text and "photo/dress" in text
    assert wording.quantization(METRICS) in " ".join(text.split())


def test_curves_are_of_what_training_measures():
    assert [names for _, _, names in wording.curves()] == [["train/loss"], ["validation/auroc"]]
