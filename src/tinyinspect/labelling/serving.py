"""Open the page: what a project has is gathered, an address with a secret is printed, and the browser sent there."""

import getpass
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

import numpy as np
import uvicorn

from tinyinspect import git
from tinyinspect.errors import InputError
from tinyinspect.labelling.app import application
from tinyinspect.labelling.frames import Frames
from tinyinspect.labelling.label_book import LabelBook
from tinyinspect.labelling.queues import Queues
from tinyinspect.labelling.session import Session, read_selection
from tinyinspect.labelling.suggestions import Suggestions
from tinyinspect.labelling.teacher import read_teacher
from tinyinspect.learning.features import FEATURES
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.embeddings import read_embeddings

STATE = Path(".labelling")  # beside annotations/, whose every file the pipeline depends on
_MODEL = Path("models/model_int8.tflite")
_EMBEDDINGS = Path("embeddings/embeddings.npy")
_SELECTION = Path("selection/selection.csv")
_BEFORE_SUGGESTIONS = 2.0  # seconds, in which the first frame is on the screen


def open_book(store: FrameStore, *, by: str | None) -> LabelBook:
    """The labels of the project in the working directory.

    Args:
        store: of its frames.
        by: who labels; by default the user's name in Git, or else on this computer.

    Raises:
        InputError: A label file cannot be read.
    """
    return LabelBook(Path("annotations"), STATE, Frames(store.index), by=by or _user())


def open_session(classes: list[str], *, by: str | None) -> Session:
    """All that the page needs of the project in the working directory.

    Args:
        classes: that frames can have.
        by: as in :func:`open_book`.

    Raises:
        InputError: There are no frames yet, or a label file cannot be read.
    """
    store = FrameStore(Path("frames"))
    if not len(store):
        raise InputError("frames/ holds no frames; put recordings under data/videos and run `dvc repro extract`")
    book = open_book(store, by=by)
    selection, reasons = read_selection(_SELECTION, book)
    embeddings = read_embeddings(_EMBEDDINGS) if _EMBEDDINGS.exists() else None
    if embeddings is not None and len(embeddings) != len(store):
        embeddings = None  # of other frames
    note = "" if _MODEL.exists() else f"none yet, {_MODEL} is made by `dvc repro`"
    suggestions = Suggestions(len(store), classes, note)
    queues = Queues(book, suggestions, selection, embeddings, read_teacher(FEATURES, book.frames))
    return Session(store, book, queues, classes, reasons)


def serve(session: Session, *, port: int, browser: bool) -> None:
    """Serve the page on 127.0.0.1 until interrupted.

    Args:
        session: to serve.
        port: to take; another one where it is in use.
        browser: open the page in the browser.
    """
    token = secrets.token_urlsafe(16)
    with _listening(port) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/{token}/"
        print(f"labelling page: {address}\nCtrl-C ends it; every label is saved at once", flush=True)
        if not session.queues.suggestions.note:
            _later(lambda: _suggest(session))
        if browser:
            _later(lambda: webbrowser.open(address), seconds=0.3)
        config = uvicorn.Config(application(session, token), log_level="warning", access_log=False, lifespan="off")
        uvicorn.Server(config).run(sockets=[listener])


def _suggest(session: Session) -> None:
    rows = np.arange(len(session.store), dtype=np.int64)
    first = np.concatenate([*session.queues.selection.values(), rows[:0]])
    order = np.concatenate([first, np.setdiff1d(rows, first)])
    session.queues.suggestions.start(session.store.folder, _MODEL, order)


def _later(work: Callable[[], object], seconds: float = _BEFORE_SUGGESTIONS) -> None:
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.bind(("127.0.0.1", 0))
    listener.listen()  # from now on a browser waits for the answer instead of being refused
    return listener


def _user() -> str:
    return (git.ask("config", "user.name") or "").strip() or getpass.getuser()
