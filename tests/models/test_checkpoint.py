import pickle

import pytest
import torch
from safetensors.torch import save_file

from tinyinspect.errors import InputError
from tinyinspect.models.checkpoint import load_model, save_model


def test_a_saved_network_comes_back_whole(tmp_path, small_network, small_model):
    path = tmp_path / "model.safetensors"
    save_model(small_network, small_model, ["bar", "blank"], path)
    inputs = torch.rand(3, 3, 32, 32)
    loaded = load_model(path)
    assert not loaded.training
    torch.testing.assert_close(loaded(inputs), small_network(inputs), rtol=0, atol=0)


def test_the_same_weights_are_the_same_file(tmp_path, small_network, small_model):
    paths = [tmp_path / f"{number}.safetensors" for number in range(8)]
    for path in paths:
        save_model(small_network, small_model, ["bar", "blank"], path)
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
    save_model(small_network, small_model, ["bar", "blank"], path)
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
    save_model(small_network, wider, ["bar", "blank"], path)
    with pytest.raises(InputError, match="holds a network of another version"):
        load_model(path)
