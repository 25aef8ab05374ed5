import pickle

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from tinyinspect.errors import InputError
from tinyinspect.models.checkpoint import build, load_backbone, load_model, save_backbone, save_model, take_backbone


def test_a_saved_network_comes_back_whole(tmp_path, small_network, small_model):
    path = tmp_path / "model.safetensors"
    save_model(small_network, small_model, 2, path)
    inputs = torch.rand(3, 3, 32, 32)
    loaded = load_model(path)
    assert not loaded.training
    torch.testing.assert_close(loaded(inputs), small_network(inputs), rtol=0, atol=0)


def test_the_same_weights_are_the_same_file(tmp_path, small_network, small_model):
    paths = [tmp_path / f"{number}.safetensors" for number in range(8)]
    for path in paths:
        save_model(small_network, small_model, 2, path)
    assert len({path.read_bytes() for path in paths}) == 1


def test_a_pickle_is_refused_unopened(tmp_path):
    path = tmp_path / "model.safetensors"

    class Trap:
        def __reduce__(self):
            return (path.unlink, ())

    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(InputError, match="cannot be read as safetensors"):
        load_model(path)
    assert path.exists()


def test_a_truncated_file_is_one_sentence(tmp_path, small_network, small_model):
    path = tmp_path / "model.safetensors"
    save_model(small_network, small_model, 2, path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match="run `dvc repro`"):
        load_model(path)


def test_foreign_weights_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"weight": torch.zeros(2)}, path)
    with pytest.raises(InputError, match="does not say which network it holds"):
        load_model(path)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load_model(tmp_path / "model.safetensors")


def test_a_network_of_another_version_is_one_sentence(tmp_path, small_network, small_model):
    path = tmp_path / "model.safetensors"
    wider = small_model.model_copy(update={"features": 9})
    save_model(small_network, wider, 2, path)
    with pytest.raises(InputError, match="holds a network of another version"):
        load_model(path)


def test_a_saved_backbone_comes_back_without_a_head(tmp_path, small_network, small_model):
    path = tmp_path / "backbone.safetensors"
    save_backbone(small_network, small_model, path)
    with safe_open(path, framework="pt") as file:
        assert all(name.startswith("backbone.") for name in file.keys())  # noqa: SIM118 (not a dict)
    loaded = load_backbone(path)
    assert (loaded.training, loaded.input_size) == (False, 32)
    inputs = torch.rand(3, 3, 32, 32)
    torch.testing.assert_close(loaded.backbone(inputs), small_network.backbone(inputs), rtol=0, atol=0)


def test_a_network_of_any_number_of_outputs_takes_a_backbone_and_keeps_its_head(tmp_path, small_network, small_model):
    save_backbone(small_network, small_model, tmp_path / "backbone.safetensors")
    torch.manual_seed(1)
    network = build(small_model, 5).eval()
    head = network.head.weight.clone()
    take_backbone(network, tmp_path / "backbone.safetensors")
    inputs = torch.rand(3, 3, 32, 32)
    torch.testing.assert_close(network.backbone(inputs), small_network.backbone(inputs), rtol=0, atol=0)
    assert torch.equal(network.head.weight, head)


def test_a_backbone_is_the_same_file_whatever_the_head(tmp_path, small_model):
    for outputs in (1, 7):
        torch.manual_seed(0)  # the backbone is drawn first
        save_backbone(build(small_model, outputs), small_model, tmp_path / f"{outputs}.safetensors")
    assert (tmp_path / "1.safetensors").read_bytes() == (tmp_path / "7.safetensors").read_bytes()


def test_a_backbone_is_no_model(tmp_path, small_network, small_model):
    save_backbone(small_network, small_model, tmp_path / "backbone.safetensors")
    with pytest.raises(InputError, match="holds a backbone without a head; run `dvc repro train`"):
        load_model(tmp_path / "backbone.safetensors")


def test_a_backbone_of_another_network_is_one_sentence(tmp_path, small_network, small_model):
    path = tmp_path / "backbone.safetensors"
    save_backbone(small_network, small_model, path)
    wider = build(small_model.model_copy(update={"features": 9}), 2)
    with pytest.raises(InputError, match="holds a network of another version; run `dvc repro`"):
        take_backbone(wider, path)
    deeper = build(small_model.model_copy(update={"convolutions": [2, 2, 2, 3]}), 2)
    with pytest.raises(InputError, match="holds a network of another version"):
        take_backbone(deeper, path)


@pytest.mark.parametrize("read", [load_model, load_backbone])
@pytest.mark.parametrize("facts", ["{", "[]", "{}", '{"model": {"architecture": "resnet18"}, "outputs": 2}'])
def test_facts_of_another_version_are_one_sentence(tmp_path, read, facts):
    save_file({"weight": torch.zeros(2)}, tmp_path / "model.safetensors", {"network": facts})
    with pytest.raises(InputError, match="holds a network of another version"):
        read(tmp_path / "model.safetensors")
