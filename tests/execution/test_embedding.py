from pathlib import Path

import numpy as np
import pytest
import torch

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.models.checkpoint import build
from tinyinspect.project.compose import composed

CONF = Path(__file__).parents[2] / "conf"


@pytest.mark.parametrize("choice", [["model=resnet9"], ["task=gate", "model=mobilenetv2_metric"]])
def test_the_number_of_cores_changes_no_embedding(choice: list[str]) -> None:
    """So that encoders with other cores than the stage has give what the stage would give."""
    torch.manual_seed(0)
    network = build(check(composed(CONF, choice), "conf", Params).model, 1).eval()
    views = torch.rand(24, 3, network.input_size, network.input_size)
    threads, found = torch.get_num_threads(), []
    try:
        with torch.no_grad():
            for cores in (1, 2, 3):
                torch.set_num_threads(cores)
                found.append(network.backbone(views).numpy())
    finally:
        torch.set_num_threads(threads)
    assert all(np.array_equal(one, found[0]) for one in found)
