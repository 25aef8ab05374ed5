import pytest
import tensorflow
import torch

from tinyinspect.models.same_padding import SameConv2d


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_equals_tensorflow(kernel, stride):
    layer = SameConv2d(3, 4, kernel, stride)
    inputs = torch.rand(2, 3, 8, 8)
    expected = tensorflow.nn.conv2d(
        inputs.permute(0, 2, 3, 1).numpy(), layer.weight.detach().permute(2, 3, 1, 0).numpy(), stride, "SAME"
    )
    torch.testing.assert_close(layer(inputs).permute(0, 2, 3, 1).detach(), torch.from_numpy(expected.numpy()))
