"""The verdict on a model file: does it load on a board, from where, what does it see there, and at what cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tinyinspect.config.accelerator import Accelerator
from tinyinspect.config.board import Board, Npu
from tinyinspect.device.arena import arena_bytes, planned_arena_bytes
from tinyinspect.device.boards import firmware_of
from tinyinspect.device.changes import changes
from tinyinspect.device.checks import VELA_OPERATOR, check_model
from tinyinspect.device.compiled import Made
from tinyinspect.device.compiler import Compiler
from tinyinspect.device.cost import Cost, cost
from tinyinspect.device.device_file import DeviceFile
from tinyinspect.device.estimates import Interval
from tinyinspect.device.findings import Finding, Kind
from tinyinspect.device.graph import Graph, read_graph
from tinyinspect.device.leftovers import leftovers
from tinyinspect.device.memory import PROGRAM_BYTES, STATE_BYTES, Need, Room, frame_buffers, model_ram, rooms
from tinyinspect.device.sight import OURS, Pixels, seen
from tinyinspect.device.storage import Storage
from tinyinspect.device.vela import Compiled
from tinyinspect.errors import InputError


@dataclass(frozen=True)
class Examined:
    """What can be said of a model file on any board.

    Attributes:
        graph: the network in it.
        cost: of one inference on a Cortex-M7.
        arena_bytes: of heap; None where TFLite-Micro refuses the model.
        refusal: TFLite-Micro's words, empty where it runs the model.
    """

    graph: Graph
    cost: Cost
    arena_bytes: int | None
    refusal: str


def examine(path: Path) -> Examined:
    """Read a model file and run it once in TFLite-Micro, on zeros.

    Raises:
        InputError: The file is no model.
    """
    graph = read_graph(path)
    try:
        arena, refusal = arena_bytes(graph, run=True), ""
    except InputError as error:
        arena, refusal = None, str(error)
    return Examined(graph, cost(graph), arena, refusal)


@dataclass(frozen=True)
class Origin:
    """What is known of a model beside its file.

    Attributes:
        trained_on: the pixels that it was trained on; None where that is not known.
        program_bytes: of heap that its program takes before it loads the model.
    """

    trained_on: Pixels | None = None
    program_bytes: int = 0


NOTHING = Made()
OWN = Origin(OURS, PROGRAM_BYTES)  # made by this project, for its own program
FOREIGN = Origin()


@dataclass(frozen=True)
class Verdict:
    """What the host says of a model on a board.

    Attributes:
        model: the file.
        board: with its firmware.
        origin: what is known of the model; of our own, whose pixels are known, another convention is an error.
        findings: all, those that pass too.
        storage: the best that fits.
        cost: of one inference on a Cortex-M7.
        made: what was compiled of the model for the board's NPU.
        arena_bytes: of heap; None where it is not known.
        file_bytes: of the file that goes to the board.
        changes: the nearest that would fit, where memory is the obstacle.
    """

    model: Path
    board: Board
    origin: Origin
    findings: tuple[Finding, ...]
    storage: Storage | None
    cost: Cost
    made: Made
    arena_bytes: int | None
    file_bytes: int
    changes: tuple[str, ...]

    def of_kind(self, kind: Kind) -> list[str]:
        """The findings of one kind, as sentences."""
        return [finding.sentence for finding in self.findings if finding.kind is kind]

    @property
    def reasons(self) -> list[str]:
        """Why the model cannot be used, each with what to change."""
        unseen = [] if self.origin.trained_on is None else self.of_kind(Kind.SEES)
        return [*self.of_kind(Kind.REFUSED), *unseen]

    @property
    def fits(self) -> bool:
        """Whether nothing stands against it."""
        return not self.reasons

    @property
    def milliseconds(self) -> Interval | None:
        """Time of ``predict([image])``; None where the board's core was never counted on.

        On a Cortex-M7 the network and the resize before it, at the board's assumed cycles per instruction; on an NPU
        Vela's estimate of the network alone.
        """
        if self.made.ethos_u is not None:
            return Interval(self.made.ethos_u.report.milliseconds, self.made.ethos_u.report.milliseconds)
        return self.cost.milliseconds(self.board)

    @property
    def compiler(self) -> Compiler | None:
        """What makes the file that the board runs of the int8 file."""
        if self.board.npu is Npu.NEURAL_ART:
            return Compiler.OPENMV_IDE if self.made.neural_art is None else Compiler.STEDGEAI
        return None if self.made.ethos_u is None else Compiler.VELA

    def as_file(self) -> DeviceFile:
        """The content of ``device.json``."""
        time, counted = self.milliseconds, self.cost.instructions
        return DeviceFile(
            board=str(self.board.name),
            firmware=self.board.firmware,
            fits=self.fits,
            reasons=self.reasons,
            changes=list(self.changes),
            sees=self.of_kind(Kind.SEES),
            costs=self.of_kind(Kind.COSTS),
            storage=self.storage,
            macs=self.cost.macs,
            instructions=round(counted.high),
            instructions_low=round(counted.low),
            milliseconds=None if time is None else round(time.high, 2),
            milliseconds_low=None if time is None else round(time.low, 2),
            cycles_per_instruction=self.board.cycles_per_instruction,
            estimated_operators=self.cost.estimated,
            arena_bytes=self.arena_bytes,
            model_ram_bytes=None if self.arena_bytes is None else model_ram(self.arena_bytes),
            interpreter_bytes=STATE_BYTES,
            file_bytes=self.file_bytes,
            compiler=self.compiler,
            npu=None if self.made.ethos_u is None else self.made.ethos_u.report,
        )

    def insist(self) -> None:
        """Raise where the model does not fit.

        Raises:
            InputError: The reasons, and the nearest change that would fit.
        """
        if not self.fits:
            nearest = f"; it would fit with {' or '.join(self.changes)}" if self.changes else ""
            raise InputError(f"{self.model} does not run on {self.board.title}: {'; '.join(self.reasons)}{nearest}")


def judge(
    examined: Examined,
    board: Board,
    boards: Iterable[Board],
    *,
    origin: Origin = FOREIGN,
    made: Made = NOTHING,
    accelerator: Accelerator | None = None,
) -> Verdict:
    """The verdict on a model that was examined.

    Args:
        examined: the model.
        board: with its firmware.
        boards: what may be recommended instead.
        origin: what is known of the model beside its file.
        made: what was compiled of it for the board's NPU.
        accelerator: for which it was compiled.

    Raises:
        InputError: The board's firmware is outside the known range.
    """
    firmware, compiled = firmware_of(board.firmware), made.ethos_u
    graph = examined.graph if compiled is None else compiled.graph
    arena = examined.arena_bytes if compiled is None else planned_arena_bytes(compiled.graph)
    if board.npu is Npu.NEURAL_ART:
        loading, arena = _for_neural_art(graph, board, made), None
        storage = Storage.ROMFS if all(finding.kind is None for finding in loading) else None
    else:
        storage, memory = _memory(board, arena, graph.file_bytes, origin.program_bytes)
        loading = [
            *check_model(graph, board.npu),
            *_trial(examined, compiled),
            *_npu(graph, board, made, accelerator, origin),
            *memory,
        ]
    # A change of size helps a model that the rules let through, and no other.
    misfit = arena is not None and storage is None and compiled is None
    return Verdict(
        model=examined.graph.path,
        board=board,
        origin=origin,
        findings=(
            *loading,
            *seen(examined.graph, firmware.fit, origin.trained_on),
            *(leftovers(examined.graph, examined.cost) if compiled is None else []),
        ),
        storage=storage,
        cost=examined.cost,
        made=made,
        arena_bytes=arena,
        file_bytes=graph.file_bytes if made.neural_art is None else made.neural_art.file_bytes,
        changes=tuple(changes(graph, arena, board, boards)) if misfit and arena is not None else (),
    )


def verify(path: Path, board: Board, boards: Iterable[Board], *, origin: Origin = FOREIGN) -> Verdict:
    """The verdict on the file in ``path`` as it stands, not compiled; see :func:`judge`.

    Raises:
        InputError: The file is no model, or the board's firmware is outside the known range.
    """
    firmware_of(board.firmware)
    return judge(examine(path), board, boards, origin=origin)


def _trial(examined: Examined, compiled: Compiled | None) -> list[Finding]:
    if compiled is not None or not examined.refusal:  # the custom operator of a compiled file runs on the NPU alone
        return []
    return [Finding("TFLite-Micro", examined.refusal, Kind.REFUSED)]


def _npu(graph: Graph, board: Board, made: Made, accelerator: Accelerator | None, origin: Origin) -> list[Finding]:
    compiled = made.ethos_u
    if made.neural_art is not None:
        return [Finding("NPU", "stedgeai's file is for another board", Kind.REFUSED, "set accelerator=none")]
    if board.npu is not Npu.ETHOS_U55:
        return []
    if compiled is None and VELA_OPERATOR in (operator.kind for operator in graph.operators):
        return [Finding("NPU", "the file was compiled before")]
    if compiled is None or accelerator is None:
        return [Finding("NPU", "idle, the core runs the file", Kind.COSTS, "compile it: accelerator=ethos_u55")]
    on_cpu, most = compiled.cpu_operators, accelerator.max_cpu_operators
    found = f"{compiled.report.npu_operators} operators on the NPU, {len(on_cpu)} on the core"
    if len(on_cpu) <= most:
        return [Finding("NPU", found + (f" ({', '.join(on_cpu)})" if on_cpu else ""))]
    leave = f"leave {', '.join(sorted(set(on_cpu)))} out"
    if origin.trained_on is None:  # the firmware runs it: OpenMV ships detectors with float outputs for the AE3
        return [Finding("NPU", found, Kind.COSTS, leave)]
    return [Finding("NPU", found, Kind.REFUSED, f"{leave}, or raise accelerator.max_cpu_operators from {most}")]


# boards/OPENMV_N6/board_config.mk: MICROPY_PY_ML_STAI without TFLite-Micro; lib/stai/stai_backend.c loads what ST's
# compiler made, and nothing else.
def _for_neural_art(graph: Graph, board: Board, made: Made) -> list[Finding]:
    compiler, file_bytes = _st_compiler(graph, made), graph.file_bytes
    if made.neural_art is not None:
        file_bytes = made.neural_art.file_bytes
    found = f"file of {file_bytes} bytes, ROMFS {board.romfs_bytes}"
    if file_bytes <= board.romfs_bytes:
        return [compiler, Finding("memory, romfs", found)]
    return [compiler, Finding("memory, romfs", found, Kind.REFUSED, "make it smaller")]


def _st_compiler(graph: Graph, made: Made) -> Finding:
    if VELA_OPERATOR in (operator.kind for operator in graph.operators):
        return Finding(
            "compiler", "the file was compiled by Vela, for another NPU", Kind.REFUSED, "give the one before"
        )
    if made.neural_art is not None:
        return Finding("compiler", f"{made.neural_art.version} takes the file")
    return Finding(
        "compiler",
        "OpenMV IDE compiles the file when it is added to ROMFS; only then is it known to load (earlier where stedgeai "
        "is on the PATH: accelerator=neural_art)",
    )


def _memory(
    board: Board, arena: int | None, file_bytes: int, program_bytes: int
) -> tuple[Storage | None, list[Finding]]:
    if arena is None:
        return None, []
    need = Need(arena, file_bytes)
    offered = rooms(board, need, program_bytes)
    best = next((room for room in offered if room.fits), None)
    if best is None:
        obstacles = dict.fromkeys(room.obstacle for room in offered)
        return None, [Finding(f"memory, {_storages(offered, one)}", one, Kind.REFUSED) for one in obstacles]
    heap = sum(board.heap_blocks)
    found = f"arena {arena} (model.ram {need.ram_bytes}) and interpreter {STATE_BYTES} of {heap} bytes of heap"
    if program_bytes:
        found += f", beside a program of {program_bytes}"
    found += f"; file of {file_bytes} bytes"
    if best.storage in (Storage.UMA, Storage.FRAME_MEMORY):
        found += f", which leaves room for {frame_buffers(board, file_bytes)} frame buffers of 240x240"
    return best.storage, [Finding(f"memory, {best.storage}", found)]


def _storages(offered: list[Room], obstacle: str) -> str:
    return ", ".join(room.storage for room in offered if room.obstacle == obstacle)
