"""What a server occupies: disk, memory, descriptors and mappings."""

import os
import time


class Footprint:
    def __init__(self, process, directory):
        status = dict(line.split(":", 1) for line in read(f"/proc/{process}/status").splitlines() if ":" in line)
        self.disk = disk_bytes(directory)
        self.segments = disk_bytes(os.path.join(directory, "collections"))
        self.resident = int(status["VmRSS"].split()[0]) * 1024
        self.anonymous = int(status["RssAnon"].split()[0]) * 1024
        self.threads = int(status["Threads"])
        maps = read(f"/proc/{process}/maps").splitlines()
        self.mappings = len(maps)
        links = descriptors(process)
        self.descriptors = len(links)
        # Files that are gone from the directory and still held.
        self.held = sorted({link for link in links + [line.split(None, 5)[-1] for line in maps]
                            if directory in link and link.endswith("(deleted)")})

    def __str__(self):
        mebibytes = {"disk": self.disk, "collections": self.segments, "resident": self.resident, "anonymous": self.anonymous}
        return ", ".join(f"{name} {value / 2**20:.1f} MiB" for name, value in mebibytes.items()) + \
            f", {self.descriptors} descriptors, {self.mappings} mappings, {self.threads} threads"


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def descriptors(process):
    links = []
    for name in os.listdir(f"/proc/{process}/fd"):
        try:
            links.append(os.readlink(f"/proc/{process}/fd/{name}"))
        except FileNotFoundError:
            pass        # closed meanwhile
    return links


def disk_bytes(directory):
    """What the files occupy, a file with several names once; one that vanishes meanwhile counts nothing."""
    seen = {}
    for parent, _, names in os.walk(directory):
        for name in names:
            try:
                status = os.lstat(os.path.join(parent, name))
                seen[status.st_dev, status.st_ino] = status.st_blocks * 512
            except FileNotFoundError:
                pass
    return sum(seen.values())


def settled(process, directory, quiet_seconds=4, seconds_max=90):
    """Waits until flushing and merging is over: the disk stays as it is for a while. Returns the footprint then."""
    deadline = time.monotonic() + seconds_max
    last, since = None, time.monotonic()
    while time.monotonic() < deadline:
        now = disk_bytes(directory)
        if now != last:
            last, since = now, time.monotonic()
        if time.monotonic() - since >= quiet_seconds:
            break
        time.sleep(0.2)
    return Footprint(process, directory)
