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

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/api/v2"

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} exited with {self.process.returncode}; see {self.directory}/log")
            try:
                urllib.request.urlopen(f"{self.url}/heartbeat", timeout=5).read()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"{self.name} did not start within {START_SECONDS_MAX} s; see {self.directory}/log")

    def processes(self):
        """The process and all that it started."""
        found = [self.process.pid]
        for process in found:
            for task in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{task}/children", encoding="ascii") as file:
                    found += [int(child) for child in file.read().split()]
        return found

    def memory(self):
        """Bytes: resident; the part that belongs to no file; proportional; and the most that was ever resident."""
        names = {"Rss": "resident", "Pss": "proportional", "Anonymous": "anonymous", "VmHWM": "peak"}
        total = dict.fromkeys(names.values(), 0)
        for process in self.processes():
            for source in ("smaps_rollup", "status"):
                with open(f"/proc/{process}/{source}", encoding="ascii") as file:
                    for line in file:
                        name, _, rest = line.partition(":")
                        if name in names:
                            total[names[name]] += int(rest.split()[0]) * 1024
        return total

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
