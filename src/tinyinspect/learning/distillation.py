"""Distillation: the backbone learns what a large network sees in a frame. It needs no labels.

The teacher embeds each frame once, as it was recorded. The backbone sees a changed view of it, and a linear layer
behind its features, which is thrown away, gives the teacher's embedding. Source: Fang et al., "SEED: Self-supervised
Distillation for Visual Representation", 2021, in a simpler form: the embedding itself is learned, by its cosine, in
place of its similarities to a queue of other frames.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from tinyinspect.learning.resume import ResumeFile, fingerprint
from tinyinspect.models.teacher import BATCH, TeacherNetwork, embed
from tinyinspect.recordings.store import FrameStore


def teacher_embeddings(
    teacher: TeacherNetwork, store: FrameStore, rows: NDArray[np.int64], device: torch.device, resume_path: Path
) -> Tensor:
    """The teacher's embeddings of frames, each of length 1.

    Args:
        teacher: that sees the frames.
        store: of the frames.
        rows: (n,) of the store, at least one.
        device: to run on.
        resume_path: where embeddings wait that are not all done; those of the same teacher and frames are taken up.

    Returns:
        (n, d) float16, 2.6 kB a frame for the packaged teacher.
    """
    pictures = " ".join(sha256(store.jpeg(row)).hexdigest() for row in rows.tolist())
    key = f"{teacher.name} {teacher.size} {pictures}"
    resume = ResumeFile(resume_path, fingerprint(key, *teacher.blocks.state_dict().values()))
    parts: list[Tensor] = [] if (state := resume.load()) is None else state["parts"]
    start = sum(map(len, parts))
    print(f"{teacher.name} embeds {len(rows)} frames" + (f", of which {start} are done" if start else ""))
    with tqdm(total=len(rows), initial=start, desc="teacher", unit=" frames", disable=None) as progress:
        for first in range(start, len(rows), BATCH):  # from a multiple of BATCH: a batch is the same, resumed or not
            seen = embed(teacher, [store.picture(row) for row in rows[first : first + BATCH].tolist()], device)
            parts.append(F.normalize(torch.from_numpy(seen)).half())
            resume.save_now_and_then({"parts": parts})
            progress.update(len(seen))
    resume.clear()
    return torch.cat(parts)


class Distillation(nn.Module):
    """How far a linear layer's answers are from the teacher's embeddings: 1 less their cosine, from 0 to 2.

    The mean embedding is taken off before: it is what all frames have in common, and tells none from another.
    """

    views = 1

    def __init__(self, features: int, taught: Tensor) -> None:
        """Learn ``taught``, (n, d) float16, from features (b, ``features``)."""
        super().__init__()
        self.head = nn.Linear(features, taught.shape[1])
        self._taught, self._mean = taught, taught.mean(0, dtype=torch.float32)

    def forward(self, features: Iterable[Tensor], rows: Tensor) -> Tensor:
        """The mean loss of one view of the frames at these rows, (b,) int64 on the CPU."""
        (seen,) = features
        wanted = (self._taught[rows].float() - self._mean).to(seen.device)
        return 1 - F.cosine_similarity(self.head(seen), wanted).mean()
