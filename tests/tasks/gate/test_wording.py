from dataclasses import replace

import numpy as np
from rich.console import Console

from tests.tasks.gate.gates import RUNTIMES, embeddings_of, gate, pictures, scores
from tinyinspect.report import table
from tinyinspect.tasks.gate import wording
from tinyinspect.tasks.gate.decision import LeftOut
from tinyinspect.tasks.gate.measures import score
from tinyinspect.tasks.gate.pictures import picture_name

METRICS = score(dict.fromkeys(RUNTIMES, embeddings_of(scores())), pictures(), gate(), 0).metrics


def test_every_cell_has_a_heading_and_an_interval():
    cells = wording.cells(METRICS["tflite_micro"])
    assert len(cells) == len(wording.headings(METRICS)) == 5
    value, interval = cells[0]
    assert float(value) == round(100 * METRICS["tflite_micro"]["auroc"], 2)
    low, high = map(float, interval.split("-"))
    assert low < float(value) < high


def test_sources_tell_which_were_trained_on():
    groups, sources = wording.tables(METRICS)
    assert [row[0] for row in groups.rows] == ["object", "photo", "class, trained on"]
    assert {row[0] for row in sources.rows} == {"photo/dress", "object/ball", "class/no_mask (trained on)"}
    assert all(len(row) == len(one.headings) for one in (groups, sources) for row in one.rows)


def test_pictures_of_a_ladder_are_counted_by_step_of_this_model_and_of_one_that_did_not_see_the_kind():
    test, left_out = (
        pictures(),
        [LeftOut(source="camera_fault/dark", step=step, pictures=4, passed=step) for step in (0, 1)],
    )
    mine = np.flatnonzero(test.sources == "class/no_mask")
    sources = test.sources.astype(object)
    sources[mine] = "camera_fault/dark"
    test = replace(test, sources=sources.astype(str))
    for number, row in enumerate(mine):
        test.frames.names[row] = picture_name(number % 2, number)
    high = np.where(np.arange(160) == mine[1], 0.9, scores())
    decision = gate().model_copy(update={"left_out": left_out})
    metrics = score(dict.fromkeys(RUNTIMES, embeddings_of(high)), test, decision, 0).metrics
    ladders = wording.tables(metrics)[1]
    assert ladders.rows == [["camera_fault/dark", "1 of 20 (0, 1)", "1 of 8 (0, 1)"]]


def test_the_table_of_a_gate_fits_a_terminal_of_80_columns():
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    table.print_metrics(METRICS, wording, console)
    text = console.export_text()
    assert "…" not in text and "AUROC" in text and "class, trained on" in text
    assert wording.quantization(METRICS) in " ".join(text.split())


def test_curves_are_of_what_training_measures():
    assert [names for _, _, names in wording.curves()] == [["train/loss"], ["validation/auroc"]]
