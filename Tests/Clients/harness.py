"""What every check uses: a list of checks, expectations that say what they saw, and a result for each check."""

import re
import time
import traceback

CHECKS = []


def check(condition=None):
    """Registers a function of one `Session` as a check; with `condition`, only where that holds for the session."""
    def register(function):
        CHECKS.append((function.__name__, function, condition))
        return function
    return register


def equal(found, expected, what="value"):
    if found != expected:
        raise AssertionError(f"{what}: expected {expected!r}, found {found!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def near(found, expected, what="value", tolerance=1e-5):
    """Numbers or equally long sequences of them, each within `tolerance` of the expected one, relative above 1."""
    found, expected = list(_flat(found)), list(_flat(expected))
    equal(len(found), len(expected), f"length of {what}")
    for position, (a, b) in enumerate(zip(found, expected)):
        if not abs(a - b) <= tolerance * max(1.0, abs(b)):
            raise AssertionError(f"{what}[{position}]: expected {b}, found {a}")


def _flat(values):
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _flat(value)
    else:
        yield float(values)


def raises(action, text, kinds=Exception, exactly=None):
    """`action` must raise one of `kinds` with a text that matches `text`; `exactly` demands the class itself."""
    try:
        result = action()
    except Exception as error:
        if not isinstance(error, kinds):
            raise AssertionError(f"expected {kinds}, got {type(error).__name__}: {error}") from error
        if exactly is not None and type(error) is not exactly:
            raise AssertionError(f"expected {exactly.__name__} itself, got {type(error).__name__}: {error}") from error
        if not re.search(text, str(error), re.DOTALL):
            raise AssertionError(f"expected a text like {text!r}, got {type(error).__name__}: {error}") from error
        return error
    raise AssertionError(f"expected an error like {text!r}, got {result!r}")


def run(session):
    """Runs every registered check on `session`; a list of (name, seconds, None or the failure's text)."""
    results = []
    for name, function, condition in CHECKS:
        if condition is not None and not condition(session):
            continue
        began = time.monotonic()
        try:
            function(session)
            failure = None
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in frames if "checks_" in frame.filename]
            place = f"line {own[-1].lineno}: " if own else ""
            failure = f"{place}{type(error).__name__}: {error}"
        results.append((name, time.monotonic() - began, failure))
    return results
