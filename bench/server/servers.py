"""A server process under measurement: started on an empty directory, measured from outside, stopped."""

import os
import shlex
import shutil
import subprocess
import tempfile
import time
import urllib.request

START_SECONDS_MAX = 60


class ServerProcess:
    """`command` is complete but for port and data directory, which `arguments` spells for this server."""

    def __init__(self, name, command, arguments, port):
        self.name, self.port = name, port
        self.directory = tempfile.mkdtemp(prefix=f"bench-{name}-")
        data = os.path.join(self.directory, "data")
        self.log = open(os.path.join(self.directory, "log"), "wb")
        self.process = subprocess.Popen(
            shlex.split(command) + [part.format(port=port, data=data) for part in arguments],
            stdout=self.log, stderr=self.log)
        self.wait_until_ready()

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} exited with {self.process.returncode}; see {self.directory}/log")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/heartbeat", timeout=5).read()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"{self.name} did not start within {START_SECONDS_MAX} s; see {self.directory}/log")

    def memory(self):
        """Resident bytes of the process, and the part of them that is not backed by files."""
        values = {}
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                name, _, rest = line.partition(":")
                if name in ("VmRSS", "RssAnon"):
                    values[name] = int(rest.split()[0]) * 1024
        return values["VmRSS"], values["RssAnon"]

    def disk(self):
        """Allocated bytes below the data directory (preallocated files count with what they hold on disk)."""
        total = 0
        for folder, _, names in os.walk(os.path.join(self.directory, "data")):
            for name in names:
                total += os.stat(os.path.join(folder, name)).st_blocks * 512
        return total

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory)


def start_ours(command, port):
    return ServerProcess("lyrica", command, ["--port", "{port}", "--data-dir", "{data}"], port)


def start_chroma(executable, port):
    return ServerProcess("chroma", executable,
                         ["run", "--host", "127.0.0.1", "--port", "{port}", "--path", "{data}"], port)
