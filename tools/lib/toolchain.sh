# Shared by tools/run and tools/test: finds the toolchain, installs Debian packages, builds. Sourced, not run.

# What the server links and what its build needs; the same names on Debian 12 and later.
LYRICA_DEBIAN_PACKAGES="git g++ pkg-config zlib1g-dev liblz4-dev libre2-dev libsimdjson-dev libstemmer-dev libutf8proc-dev python3 curl gzip"

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Swift 6.2 or newer, on PATH or where Swift's own Debian archive unpacks.
require_swift() {
    if ! command -v swift >/dev/null 2>&1; then
        for place in /opt/swift/usr/bin /usr/share/swift/usr/bin "$HOME/.local/share/swiftly/bin"; do
            if [ -x "$place/swift" ]; then PATH="$place:$PATH"; export PATH; break; fi
        done
    fi
    command -v swift >/dev/null 2>&1 || fail "no Swift toolchain found on PATH.
Install Swift 6.2 or newer from https://www.swift.org/install/linux/ (Debian 12), then run this again."
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -1)
    [ -n "$version" ] || fail "'swift --version' did not answer with a version; is the toolchain complete?"
    set -- $version
    if [ "$1" -lt 6 ] || { [ "$1" -eq 6 ] && [ "$2" -lt 2 ]; }; then
        fail "Swift $1.$2 is too old: 6.2 or newer is needed (https://www.swift.org/install/linux/)."
    fi
}

# Installs those of the given Debian packages that are missing, with sudo when not root.
install_packages() {
    local missing=()
    local package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    command -v apt-get >/dev/null 2>&1 || fail "these packages are needed and apt-get is not here to install them: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || fail "these Debian packages are needed; install them as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing Debian packages: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null 2>&1 || {
        "${as_root[@]}" apt-get update -qq
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
    } || fail "apt-get could not install: ${missing[*]}"
}

# A TCP port of 127.0.0.1 that is free now.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Waits until the server of process $2 answers at $1; fails when it ends or takes more than a minute.
wait_until_ready() {
    local url=$1 process=$2 tries=0
    until curl -sf -o /dev/null --max-time 2 "$url/readyz"; do
        kill -0 "$process" 2>/dev/null || fail "the server ended before it was ready; its messages are above"
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || fail "the server at $url was not ready after a minute"
        sleep 0.2
    done
}
