"""ST's compiler, a stand-in on the PATH: what it is asked, what is made of its answer, what is said without it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.device.networks import resnet9
from tinyinspect.device.boards import read_boards
from tinyinspect.device.check import check_file, read_accelerator
from tinyinspect.device.compiled import Made, read_compiled, write_compiled
from tinyinspect.device.compiler import Compiler
from tinyinspect.device.findings import Kind
from tinyinspect.device.neural_art import Relocatable, compile_for_neural_art
from tinyinspect.device.storage import Storage
from tinyinspect.device.verdict import examine, judge
from tinyinspect.device.verdict_text import verdict_text
from tinyinspect.errors import InputError

BOARDS = read_boards(Path("conf/board"))
N6 = BOARDS["openmv_n6"]
ACCELERATORS = Path("conf/accelerator")
NEURAL_ART = read_accelerator(ACCELERATORS / "neural_art.yaml")
MADE = b"NBIN made of it"
PROFILE = {"Profiles": {"default": {"memory_pool": "stm32n6.mpool", "options": "--Oauto-sched %"}}}

_TOOL = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path
core = Path(os.environ["STEDGEAI_CORE_DIR"])
if sys.argv[1:] == ["--version"]:
    sys.exit(print("ST Edge AI Core v3.0.0"))
profile = json.loads(Path("neuralart.json").read_text())
given = {{
    "arguments": sys.argv[1:],
    "profile": profile,
    "pools": Path(profile["Profiles"]["default"]["memory_pool"]).read_text(),
    "make": os.environ.get("MAKEFLAGS"),
}}
(core / "given.json").write_text(json.dumps(given))
Path("st_ai_output").mkdir()
# ANSWER
"""
ONE_STEP = f'Path("st_ai_output/network_rel.bin").write_bytes({MADE!r})'
TWO_STEPS = 'Path("st_ai_output/network.c").write_text("a network")'
OTHER = 'Path("st_ai_output/network_rel.bin").write_bytes(b"TFL3"); print("done")'
REFUSES = 'print("E010(InvalidModelError): no kernel for GELU"); print("elapsed time: 1 s"); sys.exit(2)'
_DRIVER = f"""
import sys
from pathlib import Path
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert Path(given["--input"]).read_text() == "a network"
Path(given["--output"]).mkdir()
(Path(given["--output"]) / "network_rel.bin").write_bytes({MADE!r})
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """OpenMV IDE's folders with a stand-in for ``stedgeai`` that answers in some way; returns the tool's root."""

    def installed(answer: str) -> Path:
        core = tmp_path / "qtcreator" / "stedgeai"
        tool = core / "Utilities" / "linux" / "stedgeai"
        tool.parent.mkdir(parents=True)
        tool.write_text(_TOOL.replace("# ANSWER", answer))
        tool.chmod(0o755)
        firmware = core.parent / "firmware" / "OPENMV_N6"
        firmware.mkdir(parents=True)
        (firmware / "neuralart.json").write_text(json.dumps(PROFILE))
        (firmware / "stm32n6.mpool").write_text("memories")
        monkeypatch.setenv("PATH", str(tool.parent))
        monkeypatch.setenv("MAKEFLAGS", "-j8")
        return core

    return installed


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return resnet9(tmp_path / "net.tflite", size=32)


def test_the_model_is_compiled_as_openmv_does(tmp_path: Path, install: Callable[[str], Path], model: Path) -> None:
    core = install(ONE_STEP)
    made = compile_for_neural_art(model, NEURAL_ART, tmp_path / "made.tflite")
    assert made == Relocatable("ST Edge AI Core v3.0.0", len(MADE))
    assert (tmp_path / "made.tflite").read_bytes() == MADE
    given = json.loads((core / "given.json").read_text())
    assert given["arguments"] == [
        "generate", "--model", str(model), "--target", "stm32n6", "--relocatable", "--st-neural-art",
        "default@neuralart.json",
    ]  # fmt: skip
    assert given["profile"]["Profiles"]["default"]["options"] == "--Oauto-sched --optimization 3"
    assert given["pools"] == "memories" and given["make"] is None


def test_an_older_compiler_takes_two_steps(tmp_path: Path, install: Callable[[str], Path], model: Path) -> None:
    script = install(TWO_STEPS) / "scripts" / "N6_reloc" / "npu_driver.py"
    script.parent.mkdir(parents=True)
    script.write_text(_DRIVER)
    compile_for_neural_art(model, NEURAL_ART, tmp_path / "made.tflite")
    assert (tmp_path / "made.tflite").read_bytes() == MADE


def test_another_profile_is_taken_where_one_is_named(
    tmp_path: Path, install: Callable[[str], Path], model: Path
) -> None:
    core = install(ONE_STEP)
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"Profiles": {"default": {"memory_pool": "pools/mine.mpool", "options": "-O3"}}}))
    (tmp_path / "pools").mkdir()
    (tmp_path / "pools" / "mine.mpool").write_text("other memories")
    named = NEURAL_ART.model_copy(update={"profile": str(own)})
    compile_for_neural_art(model, named, tmp_path / "made.tflite")
    given = json.loads((core / "given.json").read_text())
    assert given["pools"] == "other memories"
    assert given["profile"]["Profiles"]["default"] == {"memory_pool": "mine.mpool", "options": "-O3"}


def test_without_the_compiler_one_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"stedgeai is not on the PATH; add its folder .* or set accelerator=none"):
        compile_for_neural_art(model, NEURAL_ART, tmp_path / "made.tflite")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (REFUSES, r"stedgeai fails on .*net.tflite \(E010\(InvalidModelError\): no kernel for GELU\); change"),
        (OTHER, r"stedgeai made no relocatable binary of .*net.tflite \(done\)"),
        (TWO_STEPS, r"stedgeai made no relocatable binary"),
        ("sys.exit(3)", r"stedgeai fails on .*net.tflite \(status 3\)"),
    ],
)
def test_what_the_compiler_refuses_is_one_sentence(
    tmp_path: Path, install: Callable[[str], Path], model: Path, answer: str, said: str
) -> None:
    install(answer)
    with pytest.raises(InputError, match=said) as refused:
        compile_for_neural_art(model, NEURAL_ART, tmp_path / "made.tflite")
    assert "\n" not in str(refused.value) and not (tmp_path / "made.tflite").exists()


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (None, "neuralart.json is missing; set accelerator.profile"),
        ("[]", "neuralart.json names no memory pools for stedgeai; set accelerator.profile"),
        ("no JSON", "neuralart.json names no memory pools"),
        (json.dumps({"Profiles": {"default": {"memory_pool": "gone.mpool"}}}), "gone.mpool is missing"),
    ],
)
def test_a_profile_that_does_not_serve_is_one_sentence(
    tmp_path: Path, install: Callable[[str], Path], model: Path, profile: str | None, said: str
) -> None:
    path = install(ONE_STEP).parent / "firmware" / "OPENMV_N6" / "neuralart.json"
    path.unlink()
    if profile is not None:
        path.write_text(profile)
    with pytest.raises(InputError, match=said):
        compile_for_neural_art(model, NEURAL_ART, tmp_path / "made.tflite")


def test_the_verdict_is_about_the_compiled_file(tmp_path: Path, install: Callable[[str], Path], model: Path) -> None:
    install(ONE_STEP)
    (tmp_path / "compiled").mkdir()
    written = write_compiled(model, NEURAL_ART, tmp_path / "compiled")
    made = read_compiled(tmp_path / "compiled")
    assert written == made == Made(neural_art=Relocatable("ST Edge AI Core v3.0.0", len(MADE)))
    assert made.summary == f"{len(MADE)} bytes, made by ST Edge AI Core v3.0.0"
    verdict = judge(examine(model), N6, [], made=made, accelerator=NEURAL_ART)
    assert verdict.fits and verdict.storage is Storage.ROMFS and verdict.file_bytes == len(MADE)
    assert verdict.compiler is Compiler.STEDGEAI and verdict.as_file().compiler is Compiler.STEDGEAI
    assert "ST Edge AI Core v3.0.0 takes the file" in verdict_text(verdict)
    small = N6.model_copy(update={"romfs_bytes": 10})
    assert not judge(examine(model), small, [], made=made, accelerator=NEURAL_ART).fits


def test_a_file_for_one_neural_processor_is_refused_for_another_board(model: Path) -> None:
    made = Made(neural_art=Relocatable("ST Edge AI Core v3.0.0", 100))
    for name in ("openmv_h7", "openmv_ae3"):
        verdict = judge(examine(model), BOARDS[name], [], made=made, accelerator=NEURAL_ART)
        assert verdict.of_kind(Kind.REFUSED) == ["NPU: stedgeai's file is for another board (set accelerator=none)"]


def test_check_compiles_where_it_can_and_says_where_it_cannot(
    tmp_path: Path, install: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path))
        (verdict,) = check_file(model, [N6], [], ACCELERATORS)
        assert verdict.fits and "OpenMV IDE compiles the file" in verdict_text(verdict)
    core = install(ONE_STEP)
    (verdict,) = check_file(model, [N6], [], ACCELERATORS)
    assert verdict.compiler is Compiler.STEDGEAI and verdict.file_bytes == len(MADE)
    (core / "Utilities" / "linux" / "stedgeai").write_text(_TOOL.replace("# ANSWER", REFUSES))
    of_n6, of_h7 = check_file(model, [N6, BOARDS["openmv_h7"]], [], ACCELERATORS)
    assert "no kernel for GELU" in of_n6.reasons[0] and of_n6.storage is None and of_h7.fits
