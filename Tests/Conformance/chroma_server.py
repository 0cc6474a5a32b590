"""Chroma itself, started from this environment on a free port: the reference the baseline records."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(port=None):
    """Yields the URL of a Chroma server with an empty directory that allows reset; stops it afterwards."""
    port = port or _free_port()
    with tempfile.TemporaryDirectory(prefix="chroma-") as folder:
        configuration = os.path.join(folder, "chroma.yaml")
        with open(configuration, "w", encoding="utf-8") as out:
            out.write(f'port: {port}\nlisten_address: "127.0.0.1"\nallow_reset: true\n'
                      f'persist_path: "{os.path.join(folder, "data")}"\n')
        with open(os.path.join(folder, "log"), "w", encoding="utf-8") as log:
            program = os.path.join(os.path.dirname(sys.executable), "chroma")
            process = subprocess.Popen([program, "run", configuration], stdout=log, stderr=subprocess.STDOUT)
            try:
                url = f"http://127.0.0.1:{port}"
                _await(url, process)
                yield url
            finally:
                process.terminate()
                process.wait(timeout=30)


def _await(url, process, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url + "/api/v2/heartbeat", timeout=2).read()
            return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"Chroma did not start: {error}")
            time.sleep(0.2)
