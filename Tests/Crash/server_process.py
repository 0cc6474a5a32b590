"""A server of our own to kill, stop and start again on the same data directory."""

import os
import shlex
import signal
import socket
import subprocess
import time

import workload

START_SECONDS_MAX = 120


class Broken(Exception):
    """A promise was not kept."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerProcess:
    """`command` is started as `COMMAND --port P --data-dir D`, with `settings` added to its environment."""

    def __init__(self, command, port, directory, settings=None, data_option="--data-dir"):
        self.command = shlex.split(command) + ["--port", str(port), data_option, directory]
        self.port, self.directory, self.process = port, directory, None
        self.environment = os.environ | (settings or {})
        self.log_path = directory + ".log"

    def spawn(self):
        with open(self.log_path, "ab") as log:
            # A session of its own, so that a wrapper and the server behind it die together.
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, start_new_session=True, env=self.environment)

    def start(self):
        self.spawn()
        self.wait_until_ready()

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Broken(f"the server exited with {self.process.returncode} at its start: {self.log_tail()}")
            try:
                workload.Client(self.port, timeout=5).send("GET", "/api/v2/heartbeat")
                return
            except (workload.ServerGone, workload.Refused):
                time.sleep(0.02)
        raise Broken(f"the server did not answer within {START_SECONDS_MAX} s: {self.log_tail()}")

    def log_tail(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()[-1500:]

    def end(self, kind):
        """Sends a signal to the server and everything it started, and waits for its end."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, kind)
        except ProcessLookupError:
            pass
        self.process.wait(timeout=60)

    def kill(self):
        self.end(signal.SIGKILL)

    def stop(self):
        """As an operator stops it. Raises when that is not clean."""
        self.end(signal.SIGTERM)
        if self.process.returncode != 0:
            raise Broken(f"the server ended with {self.process.returncode} when asked to stop: {self.log_tail()}")
