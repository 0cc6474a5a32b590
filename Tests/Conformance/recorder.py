"""pytest plugin: writes one JSON line per finished test, so that a killed run loses nothing.

The file named by CONFORMANCE_RECORD receives, in order:
  {"collected": [ids]}                                     once, after deselection
  {"started": id}                                          before a test
  {"id": id, "outcome": ..., "seconds": s, "reason": text} after it
Tests named in the file CONFORMANCE_SKIP (one id per line) are deselected: a run that was cut short
goes on where it stopped. An id is the node id without the file, e.g. `test_add[integration-classic]`.
"""

import json
import os
import re

_record = open(os.environ["CONFORMANCE_RECORD"], "a", encoding="utf-8", buffering=1)
_phases = {}


def _write(entry):
    _record.write(json.dumps(entry) + "\n")


def _id(nodeid):
    return nodeid.split("::", 1)[1] if "::" in nodeid else nodeid


def _reason(report):
    """The last line that says what went wrong, without addresses that change from run to run."""
    if hasattr(report, "wasxfail"):
        text = report.wasxfail
    elif report.outcome == "skipped":
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    else:
        crash = getattr(report.longrepr, "reprcrash", None)
        text = crash.message if crash else str(report.longrepr)
    first = text.strip().splitlines()[0] if text.strip() else ""
    return re.sub(r"0x[0-9a-f]+", "0x…", first)[:300]


def pytest_collection_modifyitems(config, items):
    done = set()
    skip = os.environ.get("CONFORMANCE_SKIP")
    if skip and os.path.exists(skip):
        with open(skip, encoding="utf-8") as lines:
            done = {line.rstrip("\n") for line in lines}
    kept = [item for item in items if _id(item.nodeid) not in done]
    dropped = [item for item in items if _id(item.nodeid) in done]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept
    _write({"collected": [_id(item.nodeid) for item in kept]})


def pytest_collectreport(report):
    if report.failed:
        _write({"id": "collection", "outcome": "error", "seconds": 0, "reason": _reason(report)})


def pytest_runtest_logstart(nodeid, location):
    _phases[nodeid] = {"outcome": "passed", "seconds": 0.0, "reason": ""}
    _write({"started": _id(nodeid)})


def pytest_runtest_logreport(report):
    state = _phases.setdefault(report.nodeid, {"outcome": "passed", "seconds": 0.0, "reason": ""})
    state["seconds"] += report.duration
    if report.outcome == "rerun":
        state["outcome"], state["reason"] = "passed", ""
    elif report.outcome == "skipped" and state["outcome"] == "passed":
        state["outcome"] = "skipped" if not hasattr(report, "wasxfail") else "xfailed"
        state["reason"] = _reason(report)
    elif report.outcome == "failed" and state["outcome"] != "failed":
        state["outcome"] = "failed" if report.when == "call" else "error"
        state["reason"] = _reason(report)


def pytest_unconfigure(config):
    _record.close()


def pytest_runtest_logfinish(nodeid, location):
    state = _phases.pop(nodeid, None)
    if state:
        _write({"id": _id(nodeid), "outcome": state["outcome"],
                "seconds": round(state["seconds"], 2), "reason": state["reason"]})
