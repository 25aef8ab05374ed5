from pathlib import Path

import pytest
from torch import nn

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.project import untrained
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("settings", [[], ["model=mobilenetv2_metric_h7", "model.input_size=32"]])
def test_the_file_is_as_large_as_that_of_a_trained_network(settings, monkeypatch):
    params = check(composed(ROOT / "conf", settings), "conf/", Params)
    before = untrained.verdict_of(ROOT, params)
    fresh = untrained.network_of

    def trained(given: Params) -> nn.Module:
        network = fresh(given)
        for values in network.parameters():
            if values.requires_grad:
                nn.init.normal_(values, 0, 0.2)
        return network

    monkeypatch.setattr(untrained, "network_of", trained)
    after = untrained.verdict_of(ROOT, params)
    assert before.file_bytes == pytest.approx(after.file_bytes, abs=1500)  # names in it have other numbers
