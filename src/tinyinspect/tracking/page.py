"""MLflow's page on this machine, at the table of this project's runs."""

import os
import socket
import subprocess
import sys

from tinyinspect.tracking.runs import experiment_id, store

FIRST_PORT, PORTS = 5000, 50


def free_port() -> int:
    """The first port from 5000 on that nothing listens on."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"ports {FIRST_PORT} to {FIRST_PORT + PORTS - 1} are all in use")


def open_page() -> int:
    """Print the page's address and serve it until the user stops it; return MLflow's exit status."""
    address = store()
    experiment = experiment_id()
    if address.startswith("http"):
        print(f"{address.rstrip('/')}/#/experiments/{experiment}/runs")
        return 0
    port = free_port()
    print(f"http://127.0.0.1:{port}/#/experiments/{experiment}/runs", flush=True)
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", address]
    quiet = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"}
    return subprocess.run([*command, "--host", "127.0.0.1", "--port", str(port)], env=quiet, check=False).returncode
