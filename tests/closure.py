"""Which files of the library a stage's program reaches by its imports, its task's and its architecture's among them."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"


def closure(script: Path, task: str, architecture: str) -> set[Path]:
    """Files below ``src/`` that the script imports, directly or not.

    Args:
        script: of the stage.
        task: whose parts a call of ``task_part(..., "<part>")`` loads.
        architecture: whose parts a call of ``architecture_part(..., "<part>")`` loads.
    """
    found: set[Path] = set()
    waiting = [script]
    sections = _sections(script.read_text(), task, architecture)
    while waiting:
        file = waiting.pop()
        # The loader takes the settings of a task and an architecture where the stage reads such a section.
        loads = file.match("config/loading.py")
        names = _imported(ast.parse(file.read_text()), task, architecture)
        for name in names | sections if file == script else names:
            if loads and name.endswith(".settings"):
                continue
            for path in _files(name):
                if path not in found and _has_code(path, name):
                    found.add(path)
                    waiting.append(path)
    return found


def _sections(text: str, task: str, architecture: str) -> set[str]:
    """Modules of the settings that the loader gives a stage for the sections that it names."""
    if "import Params" in text:  # the whole of params.yaml
        return {f"tinyinspect.tasks.{task}.settings", f"tinyinspect.models.{architecture}.settings"}
    of_task = any(name in text for name in ("TaskSettings", "LossSettings", "DecideSettings"))
    wanted = {f"tinyinspect.tasks.{task}.settings"} if of_task else set()
    return wanted | ({f"tinyinspect.models.{architecture}.settings"} if "ModelSettings" in text else set())


def _has_code(path: Path, name: str) -> bool:
    """Whether a change of the file can change a result: most packages' files hold a docstring, ours the version too."""
    if path.name != "__init__.py" or name == "tinyinspect.__version__":
        return True
    return path.parent != SOURCE / "tinyinspect" and len(ast.parse(path.read_text()).body) > 1


def _imported(tree: ast.Module, task: str, architecture: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            prefix = {"task_part": f"tasks.{task}", "architecture_part": f"models.{architecture}"}.get(called)
            if prefix:
                names |= {f"tinyinspect.{prefix}.{part}" for part in _parts(node.args[1], tree)}
    return {name for name in names if name.split(".")[0] == "tinyinspect"}


def _parts(argument: ast.expr, tree: ast.Module) -> set[str]:
    """The parts that an argument may name: a text, or a variable of a loop over texts."""
    if isinstance(argument, ast.Constant):
        return {str(argument.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.comprehension) and ast.unparse(node.target) == ast.unparse(argument):
            return {str(one) for one in ast.literal_eval(node.iter)}
    raise AssertionError(f"cannot tell which part {ast.unparse(argument)} is")


def _files(name: str) -> list[Path]:
    """A module's file and those of the packages around it."""
    parts = name.split(".")
    files = [SOURCE.joinpath(*parts[:end], "__init__.py") for end in range(1, len(parts) + 1)]
    return [path for path in [*files, SOURCE.joinpath(*parts).with_suffix(".py")] if path.is_file()]
