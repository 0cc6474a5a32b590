"""What a run gave, per file and test: kept as JSON, compared with another run, told as Markdown."""

import json
from dataclasses import dataclass, field


@dataclass
class FileOutcomes:
    """Outcomes of one test file. `tests` maps a test id to (outcome, reason)."""

    seconds: float = 0.0
    tests: dict = field(default_factory=dict)

    def count(self, outcome):
        return sum(1 for found, _ in self.tests.values() if found == outcome)

    @property
    def broken(self):
        """Tests that ran and did not pass."""
        return {name: (found, why) for name, (found, why) in self.tests.items()
                if found not in ("passed", "skipped", "xfailed")}


def save(path, label, seed, preset, files):
    """Writes a baseline: passed tests by name only, the others with their reason."""
    body = {"server": label, "hypothesisSeed": seed, "propertyPreset": preset, "files": {}}
    for name, outcomes in sorted(files.items()):
        entry = {"seconds": round(outcomes.seconds, 1), "passed": []}
        for test, (outcome, why) in sorted(outcomes.tests.items()):
            if outcome == "passed":
                entry["passed"].append(test)
            else:
                entry.setdefault(outcome, {})[test] = why
        body["files"][name] = entry
    with open(path, "w", encoding="utf-8") as out:
        json.dump(body, out, indent=1, ensure_ascii=False)
        out.write("\n")


def load(path):
    """Reads what `save` wrote: (label, {file: FileOutcomes})."""
    with open(path, encoding="utf-8") as source:
        body = json.load(source)
    files = {}
    for name, entry in body["files"].items():
        outcomes = FileOutcomes(seconds=entry["seconds"])
        for test in entry["passed"]:
            outcomes.tests[test] = ("passed", "")
        for outcome, tests in entry.items():
            if outcome not in ("seconds", "passed"):
                for test, why in tests.items():
                    outcomes.tests[test] = (outcome, why)
        files[name] = outcomes
    return body["server"], files


def regressions(here, there):
    """Tests that pass in `there` and not in `here`, over the files that `here` ran: [(file, test, why)]."""
    found = []
    for name, outcomes in here.items():
        for test, (outcome, _) in there.get(name, FileOutcomes()).tests.items():
            if outcome != "passed":
                continue
            mine, why = outcomes.tests.get(test, ("did not run", ""))
            if mine != "passed":
                found.append((name, test, f"{mine}: {why}" if why else mine))
    return sorted(found)


def reason_in(entries, file, test):
    """Why a test is among `entries` of plan.json; None if it is not."""
    return next((e["reason"] for e in entries if e["path"] == file and test.split("[")[0] == e["test"]), None)


def without_conflicts(missing, conflicts):
    """`missing` in two: failures, and tests that contradict what the server is meant to do, with the reason in place of the error."""
    failures = [entry for entry in missing if reason_in(conflicts, entry[0], entry[1]) is None]
    differing = [(file, test, reason_in(conflicts, file, test)) for file, test, _ in missing
                 if reason_in(conflicts, file, test) is not None]
    return failures, differing


def cluster_markdown(results, label, failures, differing):
    """The report of the tests that are for Chroma's distributed server."""
    lines = [f"# Chroma's tests for its distributed server: {label}", "",
             "What these tests ask for, single-node Chroma refuses, so there is no run of Chroma's beside this one.", "",
             "| File | Passed | Skipped | Not passed | Seconds |", "|---|--:|--:|--:|--:|"]
    lines += [f"| `{name}` | {found.count('passed')} | {found.count('skipped')} | {len(found.broken)} | {found.seconds:.0f} |"
              for name, found in sorted(results.items())]
    lines += ["", "## Known to differ", ""]
    lines += [f"- `{file}::{test}`: {why}" for file, test, why in differing] or ["None."]
    lines += ["", "## Failed", ""]
    lines += [f"- `{file}::{test}`: {why}" for file, test, why in failures] or ["None."]
    return "\n".join(lines) + "\n"


def markdown(here, label, there, their_label, preset, missing, differing):
    """The report kept in the repository: passed here / passed there, by file, then every difference."""
    lines = [
        f"# Chroma's own tests: {label} beside {their_label}",
        "",
        f"The tests are those the {their_label.split()[-1]} wheel carries, run over HTTP with the property "
        f"preset `{preset}` and a fixed Hypothesis seed. A test that passes there must pass here.",
        "",
        "| File | Passed here | Passed there | Skipped here | Not passed here | Seconds here | Seconds there |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    total = [0, 0, 0, 0]
    for name in sorted(here):
        mine, theirs = here[name], there.get(name, FileOutcomes())
        row = [mine.count("passed"), theirs.count("passed"), mine.count("skipped"), len(mine.broken)]
        total = [a + b for a, b in zip(total, row)]
        lines.append(f"| `{name}` | " + " | ".join(map(str, row))
                     + f" | {mine.seconds:.0f} | {theirs.seconds:.0f} |")
    lines.append("| **all** | " + " | ".join(f"**{n}**" for n in total) + " | | |")
    lines += ["", "## Passed there, not here", ""]
    lines += [f"- `{f}::{t}`: {why}" for f, t, why in missing] or ["None."]
    lines += ["", "## Passed there, and different here by design", ""]
    lines += [f"- `{f}::{t}`: {why}" for f, t, why in differing] or ["None."]
    gained = sorted((f, t) for f, o in here.items() for t, (x, _) in o.tests.items()
                    if x == "passed" and there.get(f, FileOutcomes()).tests.get(t, ("absent",))[0] != "passed")
    lines += ["", "## Passed here, not there", ""]
    lines += [f"- `{f}::{t}`" for f, t in gained] or ["None."]
    both = sorted((f, t, why) for f, o in here.items() for t, (_, why) in o.broken.items()
                  if (f, t) not in {(a, b) for a, b, _ in missing + differing})
    lines += ["", "## Passed in neither", ""]
    lines += [f"- `{f}::{t}`: {why}" for f, t, why in both] or ["None."]
    return "\n".join(lines) + "\n"
