"""Typed, closed schema of ``params.yaml``: one class a section, an unknown key is an error that names the nearest.

Defaults stand in ``conf/`` alone; every field here is required. Stages call ``load(Path("params.yaml"))`` and take
their section.
"""

import difflib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from tinyinspect.errors import InputError

Fraction = Annotated[float, Field(ge=0, le=1)]
Epochs = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    """A closed, immutable section of ``params.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BadRecording(StrEnum):
    """What ``extract`` does with a recording it cannot read among good ones."""

    SKIP = "skip"
    REFUSE = "refuse"


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("each name may stand in it once")
    return names


# A file name on every system, and one line of the camera's labels: letters, digits, _ and, inside, space . -
ClassName = Annotated[str, Field(pattern=r"^\w([\w .-]*\w)?$")]


class Data(Section):
    """What the recordings show."""

    # Their order is the order of the model's outputs; each names a folder of the labelled set.
    classes: Annotated[list[ClassName], Field(min_length=1), AfterValidator(_distinct)]


class Extract(Section):
    """From recordings to frames."""

    fps: PositiveFloat | None  # frames per second to keep; null keeps every frame
    crop: tuple[NonNegativeInt, NonNegativeInt, PositiveInt, PositiveInt] | None  # x, y, width, height in pixels
    near_duplicate_bits: Annotated[int, Field(ge=0, le=64)] | None  # drop a frame this close to the last one kept
    min_sharpness: NonNegativeFloat  # variance of the Laplacian; 0 keeps all
    quality: bool  # compute sharpness and hash (the two filters above need it)
    jpeg_quality: Annotated[int, Field(ge=2, le=31)]  # ffmpeg's -q:v for what is not Motion-JPEG; 2 is best
    max_megapixels: PositiveFloat  # of a picture; one of 16,000 x 16,000 takes more than a gigabyte of memory
    bad_recording: BadRecording


class SslMethod(StrEnum):
    """Self-supervised methods, from lightly."""

    SIMCLR = "simclr"
    VICREG = "vicreg"


class Pretrain(Section):
    """Self-supervised pretraining of the backbone on all frames."""

    method: SslMethod
    epochs: Epochs  # 0 skips pretraining
    batch_size: Annotated[int, Field(ge=2)]
    learning_rate: PositiveFloat
    weight_decay: NonNegativeFloat


class SplitBy(StrEnum):
    """How test frames are kept away from training frames."""

    RECORDING = "recording"
    TIME_GAP = "time_gap"


class Select(Section):
    """Which frames to label, and which to test on."""

    train_frames: PositiveInt  # size of the training coreset
    test_frames: PositiveInt  # size of the random test set
    method: Literal["coreset", "random"]
    split: SplitBy
    honour_annotated_split: bool  # where annotations give a split, it wins over `split`
    test_recordings: list[str] | None  # for split=recording; null draws them by the seed
    time_gap: NonNegativeFloat  # seconds between a test and a training frame of one recording
    near_duplicate_bits: Annotated[int, Field(ge=0, le=64)]  # frames this close may not stand in both sets
    typicality: NonNegativeFloat  # weight against diversity's 1
    class_balance: NonNegativeFloat  # weight against diversity's 1, over the frames already annotated
    preselected: str | None  # CSV (video, frame) of frames that must be in the training set


class ResNet9(Section):
    """ResNet-9 classifier."""

    architecture: Literal["resnet9"]
    input_size: Annotated[int, Field(ge=16, le=256)]  # pixels, square
    stem_stride: Literal[1, 2]
    stem_kernel: Literal[3, 5]
    channels: Annotated[list[PositiveInt], Field(min_length=4, max_length=4)]  # of the four blocks
    convolutions: Annotated[list[Annotated[int, Field(ge=0, le=3)]], Field(min_length=4, max_length=4)]  # a block's 3x3
    residual: Annotated[list[bool], Field(min_length=4, max_length=4)]  # whether a block has a shortcut
    features: PositiveInt  # channels of the 1x1 convolution before pooling


class InitialWeights(StrEnum):
    """What a network starts from, before any pretraining of our own."""

    IMAGENET = "imagenet"  # torchvision's, for width 1 alone
    RANDOM = "random"


class MobileNetV2Metric(Section):
    """MobileNetV2 that gives an embedding, for the anomaly gate."""

    architecture: Literal["mobilenetv2_metric"]
    input_size: Annotated[int, Field(ge=32, le=256, multiple_of=32)]  # pixels, square
    width: Annotated[float, Field(gt=0, le=2)]  # multiplier of the channels
    last_channels: PositiveInt  # of the last convolution, before pooling
    embedding: Annotated[int, Field(ge=2)]  # numbers
    weights: InitialWeights


Model = Annotated[ResNet9 | MobileNetV2Metric, Field(discriminator="architecture")]


class Gate(Section):
    """What the anomaly gate lets through, and the pictures that it must not."""

    normal_classes: Annotated[list[ClassName], Field(min_length=1), AfterValidator(_distinct)]
    packaged_crops: NonNegativeInt  # of each photo that comes with the installed packages
    rendered_objects: NonNegativeInt  # pictures of each kind of foreign object on the simulated tray
    test_sources: list[str] | None  # abnormal sources to test on; null draws them by the seed
    false_accept_rate: Annotated[float, Field(gt=0, lt=1)]  # of abnormal pictures, sets the threshold


class MetricLoss(StrEnum):
    """Losses for the embedding, all but the last from pytorch-metric-learning."""

    ARCFACE = "arcface"
    SUB_CENTER_ARCFACE = "sub_center_arcface"
    COSFACE = "cosface"
    PROXY_ANCHOR = "proxy_anchor"
    ONE_CLASS = "one_class"


class Targets(StrEnum):
    """What the embedding learns to tell apart."""

    NORMAL = "normal"  # normal from all that is not
    SOURCES = "sources"  # normal, and every source of abnormal pictures, from each other


class Metric(Section):
    """Metric learning."""

    loss: MetricLoss
    targets: Targets
    scale: PositiveFloat  # of the cosines
    margin: NonNegativeFloat  # degrees of angle for arcface, else of cosine
    negatives_per_positive: PositiveFloat  # abnormal pictures drawn for each normal one, every source alike


class Optimizer(StrEnum):
    """From torch.optim, with a one-cycle rate."""

    ADAMW = "adamw"
    SGD = "sgd"  # with Nesterov's momentum


class Train(Section):
    """Supervised training."""

    optimizer: Optimizer
    epochs: PositiveInt  # of the gate, one epoch sees each normal frame once
    batch_size: Annotated[int, Field(ge=2)]
    learning_rate: PositiveFloat
    weight_decay: NonNegativeFloat
    validation_fraction: Annotated[float, Field(gt=0, lt=1)]
    label_smoothing: Fraction  # where the loss ends in a softmax
    ema_decay: Annotated[float, Field(ge=0, lt=1)]
    min_scale: Annotated[float, Field(gt=0, le=1)]  # smallest cropped area, as a part of the frame
    rotation: NonNegativeFloat  # degrees, either way
    colour_jitter: Fraction
    noise: NonNegativeFloat  # standard deviation, pixels in [0, 1]
    device: Literal["auto", "cpu", "cuda"]


class Converter(StrEnum):
    """From ONNX to a TensorFlow SavedModel."""

    ONNX2TF = "onnx2tf"
    ONNX_TF = "onnx_tf"


class Convert(Section):
    """From ONNX to TensorFlow."""

    converter: Converter


class Quantize(Section):
    """Full int8 quantization."""

    calibration_frames: PositiveInt  # of the training set, through the camera's preprocessing


class Led(StrEnum):
    """Colours that the board's red, green and blue LEDs make together."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    CYAN = "cyan"
    MAGENTA = "magenta"
    WHITE = "white"


class FrameSize(StrEnum):
    """The image sensor's frame, of which the model sees the middle square."""

    QQVGA = "QQVGA"  # 160x120
    QVGA = "QVGA"  # 320x240
    VGA = "VGA"  # 640x480


class App(Section):
    """The program on the camera."""

    leds: list[Led]  # the colour of each class, in their order; spare ones are no matter
    min_score: Fraction  # a frame counts towards its class from this score on
    known_led: Led  # of a gate alone: a picture like the normal ones
    unknown_led: Led  # of a gate, alone or before a classifier: no such picture
    debounce_frames: PositiveInt  # so many frames of a class, known or unknown in a row, and it is shown
    frame_size: FrameSize
    max_dropped_frames: PositiveInt  # in a row, then the image sensor is given up
    record_seconds: PositiveInt  # length of a clip
    collect_frames: PositiveInt  # unsure frames in a clip
    collect_below_score: Fraction  # a frame whose best score is lower is one the classifier is unsure of
    collect_gate_margin: Fraction  # a frame whose similarity is this near to the threshold is one the gate is unsure of
    collect_interval_ms: Annotated[int, Field(ge=0)]  # least time between two unsure frames
    collect_led: Led  # shown when one is saved
    jpeg_quality: Annotated[int, Field(ge=1, le=100)]  # of recorded clips
    sync_frames: PositiveInt  # after so many, a clip is made safe against a power cut
    spare_kb: PositiveInt  # what recording leaves free on the drive
    check_frames: PositiveInt  # test frames in the bundle, to compare the board with the host


class BoardName(StrEnum):
    """The boards described in ``conf/board/``."""

    OPENMV_M7 = "openmv_m7"
    OPENMV_H7 = "openmv_h7"
    OPENMV_H7_PLUS = "openmv_h7_plus"
    OPENMV_RT1062 = "openmv_rt1062"
    NICLA_VISION = "nicla_vision"
    PORTENTA_H7 = "portenta_h7"


class Board(Section):
    """The camera that the model must run on."""

    name: BoardName
    title: str
    cpu: Literal["cortex_m7"]  # the core that the operator costs were counted on
    mhz: PositiveInt
    cycles_per_instruction: PositiveFloat  # assumed, to make milliseconds of counted instructions
    heap_blocks: Annotated[list[PositiveInt], Field(min_length=1)]  # bytes; the arena must fit one of them
    romfs_bytes: Annotated[int, Field(ge=0)]  # where a model is used in place
    frame_bytes: PositiveInt  # frame buffer, and models loaded with load_to_fb before firmware 5.0.0
    firmware: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]


class Params(Section):
    """The whole of ``params.yaml``."""

    seed: Annotated[int, Field(ge=0)]
    data: Data
    extract: Extract
    pretrain: Pretrain
    select: Select
    model: Model
    gate: Gate
    metric: Metric
    train: Train
    convert: Convert
    quantize: Quantize
    board: Board
    app: App

    @model_validator(mode="after")
    def _has_classes_to_tell_apart(self) -> Self:
        if isinstance(self.model, ResNet9) and len(self.data.classes) < 2:
            raise ValueError("data.classes names one class, and a classifier tells at least two apart; add another")
        return self


_KINDS: dict[str | int, type[BaseModel]] = {"resnet9": ResNet9, "mobilenetv2_metric": MobileNetV2Metric}


def load(path: Path) -> Params:
    """Read and check ``params.yaml``.

    Raises:
        InputError: The file is missing, is no YAML mapping, lacks a key, has one too many or a value out of range.
    """
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise InputError(f"{path} is missing; run in the root of the repository") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not YAML ({' '.join(str(error).split())}); mend that line") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no mapping of sections; compare it with the one in the repository")
    return check(content, str(path))


def check(content: dict[str, Any], where: str) -> Params:
    """Validate a mapping read from ``where``; see :func:`load`."""
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        raise InputError("; ".join(_sentence(one, content, where) for one in error.errors())) from None


def _sentence(error: Any, content: dict[str, Any], where: str) -> str:
    # A section of several kinds is checked as one of them, which pydantic names in the place; the user does not.
    place = [str(part) for part in error["loc"] if part not in _KINDS]
    name = ".".join(place)
    match error["type"]:
        case "extra_forbidden":
            known = _known_keys(error["loc"][:-1])
            near = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.4)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
            return f"{where}: unknown parameter '{name}'; {hint}"
        case "union_tag_invalid":
            context = error["ctx"]
            key, known = context["discriminator"].strip("'"), context["expected_tags"]
            return f"{where}: '{name}.{key}' is '{context['tag']}'; known are {known}"
        case "value_error" if not place:
            return f"{where}: {error['ctx']['error']}"
        case "missing":
            return f"{where}: parameter '{name}' is missing; add it, or compose the file anew from conf/"
        case _:
            return f"{where}: '{name}' is {error['input']!r}; {error['msg'][0].lower()}{error['msg'][1:]}"


def _known_keys(place: tuple[int | str, ...]) -> list[str]:
    section: type[BaseModel] = Params
    for part in place:
        if part in _KINDS:
            section = _KINDS[str(part)]
        elif isinstance(kind := section.model_fields[str(part)].annotation, type):
            section = kind
    return list(section.model_fields)
