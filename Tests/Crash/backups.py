"""Backups that are made while writers write, and killed with the server; those that were finished are restored and judged.

A backup shows the database at one moment between its request and its answer. What each writer had done by then is a prefix of its
operations, so what is restored must be, for every writer, the state after one of the operations of that time.
"""

import json
import os
import shlex
import shutil
import subprocess
import threading
import time

import workload
from server_process import Broken, ServerProcess, free_port

MADE = "backups made"
KILLED = "kills in a backup"
RESTORED = "backups restored"
KILLED_RESTORES = "kills in a restore"
COUNTED = [MADE, KILLED, RESTORED, KILLED_RESTORES]
PATH = "/api/lyrica/v1/backup"


class Finished:
    """A backup and where each writer was before and after it."""

    def __init__(self, name, before, after):
        self.name, self.before, self.after = name, before, after


class BackupMaker(threading.Thread):
    """Makes one backup after the other until the server is gone."""

    def __init__(self, port, directory, writers, source):
        super().__init__(daemon=True)
        self.client, self.directory, self.writers, self.source = workload.Client(port), directory, writers, source
        self.finished, self.pending, self.failure = [], None, None
        self.stop = threading.Event()

    def run(self):
        number = 0
        try:
            while not self.stop.is_set():
                number += 1
                form = self.source.choice(["directory", "tar"])
                name = f"backup-{number}" + (".tar" if form == "tar" else "")
                before = [len(writer.history) for writer in self.writers]
                self.pending = (name, before)
                lines = self.client.exchange("POST", PATH, {"name": name, "format": form}).decode().splitlines()
                if "result" not in json.loads(lines[-1]):
                    raise Broken(f"the backup {name} failed: {lines[-1][:500]}")
                # An operation that has begun may be in the backup before it is acknowledged.
                self.finished.append(Finished(name, before, [len(writer.history) + 1 for writer in self.writers]))
                self.pending = None
                time.sleep(self.source.uniform(0, 0.1))
        except workload.ServerGone:
            pass
        except (workload.Refused, Broken, ValueError, IndexError) as error:
            self.failure = str(error)

    def all(self):
        """The finished ones, and the one whose answer the kill took, if it is complete."""
        ended = list(self.finished)
        if self.pending and is_complete(os.path.join(self.directory, self.pending[0])):
            ended.append(Finished(*self.pending, [len(writer.history) + 1 for writer in self.writers]))
        return ended


def is_complete(path):
    """A single file gets its name when it is complete, a directory a file BACKUP."""
    return os.path.exists(os.path.join(path, "BACKUP")) if os.path.isdir(path) else os.path.exists(path)


class Restorer:
    """Restores with a command that is called as `COMMAND BACKUP --to DIRECTORY`."""

    def __init__(self, options, parent, source):
        self.command, self.server_command = shlex.split(options.restore_command), options.server_command
        self.data_option, self.parent, self.source = options.data_option, parent, source

    def check(self, maker, judge, tally):
        """Restores one backup of a round and has it judged; forgets them all."""
        tally[MADE] += len(maker.finished)
        names = os.listdir(maker.directory)
        made = maker.all()
        tally[KILLED] += maker.pending is not None and len(made) == len(maker.finished) and any(
            name.startswith(maker.pending[0]) for name in names)
        if made:
            self.restore(maker.directory, made[-1], judge, tally)
            tally[RESTORED] += 1
        for name in names:
            path = os.path.join(maker.directory, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)

    def restore(self, directory, backup, judge, tally):
        target = os.path.join(self.parent, "restored")
        command = self.command + [os.path.join(directory, backup.name), "--to", target]
        if self.source.random() < 0.5:
            tally[KILLED_RESTORES] += self.kill_restore(command, target)
        if not os.path.exists(target):
            outcome = subprocess.run(command, capture_output=True, text=True, check=False)
            if outcome.returncode != 0:
                raise Broken(f"the backup {backup.name} cannot be restored: {outcome.stdout[-500:]} {outcome.stderr[-500:]}")
        server = ServerProcess(self.server_command, free_port(), target, data_option=self.data_option)
        try:
            server.start()
            judge(server.port, backup)
        finally:
            server.kill()
        for name in os.listdir(self.parent):
            if name.startswith("restored"):
                path = os.path.join(self.parent, name)
                shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)

    def kill_restore(self, command, target):
        """Whether the kill came before the end. The directory may only be there when it is complete, which the judge finds out."""
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.source.uniform(0, 0.15))
        was_running = process.poll() is None
        process.kill()
        process.wait()
        return was_running and not os.path.exists(target)
