"""Groups of abnormal pictures, and what a source of them is for."""

from enum import StrEnum

from tinyinspect.simulation.faults import Fault
from tinyinspect.tasks.gate.dataset.hard_negatives import HardNegative


class Group(StrEnum):
    """Where abnormal pictures come from."""

    CLASS = "class"  # frames of the recordings whose class is not normal
    PHOTO = "photo"  # everyday photos
    NEAR = "near"  # photos of what looks like the normals
    PACKAGED = "packaged"  # crops of photos in installed packages
    OBJECT = "object"  # foreign objects on the simulated tray
    CAMERA_FAULT = "camera_fault"  # made of normal frames: what a faulty camera sees
    HARD_NEGATIVE = "hard_negative"  # made of normal frames: parts of them in a wrong order or place


# Made of normal frames: each kind is trained on, and tested on frames that were not, unless it is named to test on.
MADE: dict[Group, list[str]] = {
    Group.CAMERA_FAULT: [kind.value for kind in Fault],
    Group.HARD_NEGATIVE: [kind.value for kind in HardNegative],
}
