"""Where to train."""

import torch

from tinyinspect.errors import InputError


def device_of(choice: str) -> torch.device:
    """The device for ``train.device``: `auto` is a GPU where there is one.

    Raises:
        InputError: A GPU is asked for and there is none.
    """
    available = torch.cuda.is_available()
    if choice == "cuda" and not available:
        raise InputError("train.device is 'cuda', but PyTorch finds no GPU; set it to auto or cpu")
    return torch.device("cuda" if available and choice != "cpu" else "cpu")
