"""Runs inside one version's environment: all checks of that client against --url, results as JSON on the last line."""

import argparse
import json
import logging
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import harness
import checks_collections  # noqa: F401  (registers its checks)
import checks_records  # noqa: F401
import checks_queries  # noqa: F401
import checks_errors  # noqa: F401
from session import Session


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--seed", type=int, required=True, help="replays the random vectors of a run")
    options = parser.parse_args()
    try:
        session = Session(options.url, options.seed)
    except Exception as error:
        print(json.dumps([["connect", 0, f"{type(error).__name__}: {error}"]]))
        return 1
    results = harness.run(session)
    try:
        session.close()
    except Exception as error:
        results.append(("cleanup", 0, f"{type(error).__name__}: {error}"))
    print(json.dumps(results))
    return 1 if any(failure for _, _, failure in results) else 0


if __name__ == "__main__":
    sys.exit(main())
