"""Where the camera keeps a model."""

from enum import StrEnum


class Storage(StrEnum):
    """Where the camera keeps the model while it runs."""

    ROMFS = "romfs"  # used in place
    DISK = "disk"  # SD card or flash disk: copied into the heap, beside the arena
    UMA = "uma"  # SD card or flash disk: copied beside the frame buffers, by firmware 5.0.0 itself
    FRAME_MEMORY = "frame_memory"  # copied there by load_to_fb, before firmware 5.0.0
