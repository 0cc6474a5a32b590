#!/bin/sh
# Requests per second of two URLs, measured in turn with wrk, and their ratio.
#   heartbeat.sh http://127.0.0.1:8001/api/v2/heartbeat http://127.0.0.1:8080/ [seconds] [rounds] [connections]
# The ratio printed last is second / first: how many times faster the second answers. Each figure is the median of the rounds.
set -eu

if [ $# -lt 2 ]; then
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
fi
command -v wrk > /dev/null || { echo "wrk is not installed (Debian: apt-get install wrk)" >&2; exit 2; }

first=$1 second=$2 seconds=${3:-5} rounds=${4:-3} connections=${5:-16}

rate() {
    result=$(wrk -t 1 -c "$connections" -d "${seconds}s" "$1")
    if echo "$result" | grep -q 'Non-2xx\|Socket errors'; then
        echo "$1: $(echo "$result" | grep 'Non-2xx\|Socket errors')" >&2
        exit 1
    fi
    echo "$result" | awk '/Requests\/sec/ { print $2 }'
}

median() {
    printf '%s\n' "$@" | sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

first_rates= second_rates= round=1
while [ "$round" -le "$rounds" ]; do
    one=$(rate "$first")
    two=$(rate "$second")
    first_rates="$first_rates $one" second_rates="$second_rates $two"
    echo "round $round: $one and $two requests/s"
    round=$((round + 1))
done

# The lists are split into words on purpose.
one=$(median $first_rates) two=$(median $second_rates)
echo "first:  $one requests/s  ($first)"
echo "second: $two requests/s  ($second)"
awk -v one="$one" -v two="$two" 'BEGIN { printf "ratio second / first: %.3f\n", two / one }'
