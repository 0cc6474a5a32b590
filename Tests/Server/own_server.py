"""A server process of the suites that start their own, and their checks. Needs nothing but Python."""

import json
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: expected {str(expected)[:300]}, found {str(found)[:300]}")


def true(condition, what):
    if not condition:
        raise AssertionError(f"expected {what}")


class OwnServer:
    """One server process; `with` stops it cleanly."""

    def __init__(self, command, data, *options):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*command, "--data-dir", data, "--port", str(self.port), "--log-level", "warning", *options], stderr=self.log)
        while self.call("/readyz")[0] != 200:
            if self.process.poll() is not None:
                self.log.seek(0)
                raise AssertionError(f"the server ended: {self.log.read().decode()}")
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        if error[0] is None:
            equal(code, 0, "the server's exit code")

    def call(self, path, body=None):
        """Status and text of an answer; status 0 when nobody listens."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""
