# Python environments for the client tests and for Chroma's own tests: sourced by bash.
#
#   python_env NAME                 prints the folder of the environment NAME, making it first if need be
#   python_envs_prepare NAME...     makes several, two at a time; fails if one fails
#   python_client_versions          prints the chromadb versions that have a requirements file, oldest first
#
# NAME is `chromadb-VERSION` (a client alone: pinned packages, no dependency resolution), `conformance`
# (Chroma 1.5.9 in full, with pytest) or `filters` (the engines of bench/filters). Environments live in $LYRICA_CACHE/venvs (default: .cache at the top of the
# checkout). A stamp with a hash of the requirements and of the Python version says that one is complete; a lock
# file lets any number of scripts ask at once. Packages come from PyPI as wheels: no compiler is used.

_python_envs_top="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
export LYRICA_CACHE="${LYRICA_CACHE:-$_python_envs_top/.cache}"

# The interpreter: the pinned packages have wheels for 3.11 and 3.12.
python_interpreter() {
  local candidate
  for candidate in ${LYRICA_PYTHON:-} python3.11 /usr/bin/python3.11 python3.12 /usr/bin/python3.12 python3; do
    if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' \
        >/dev/null 2>&1; then
      command -v "$candidate"
      return 0
    fi
  done
  echo "Python 3.11 or 3.12 with the venv module is needed (Debian 12: apt-get install python3 python3-venv)" >&2
  return 1
}

_python_env_requirements() {
  case "$1" in
    chromadb-*) echo "$_python_envs_top/Tests/Clients/requirements/$1.txt" ;;
    conformance) echo "$_python_envs_top/Tests/Conformance/requirements.txt" ;;
    filters) echo "$_python_envs_top/bench/filters/requirements.txt" ;;
    *) echo "unknown Python environment: $1" >&2; return 1 ;;
  esac
}

# The lines of a requirements file with those of the files it includes.
_python_env_flatten() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    case "$line" in
      "-r "*) _python_env_flatten "$(dirname "$1")/${line#-r }" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$1"
}

_python_env_build() {
  local name="$1" folder="$2" requirements="$3" interpreter="$4" log="$2.log" resolution=()
  [ "$name" = conformance ] || resolution=(--no-deps)
  rm -rf "$folder"
  if ! { "$interpreter" -m venv "$folder" &&
      "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-compile \
        --only-binary :all: "${resolution[@]}" -r "$requirements"; } >"$log" 2>&1; then
    echo "the Python environment $name could not be made:" >&2
    tail -n 20 "$log" >&2
    rm -rf "$folder"
    return 1
  fi
}

python_env() {
  local name="$1" requirements interpreter folder stamp lock
  requirements="$(_python_env_requirements "$name")" || return 1
  if [ ! -f "$requirements" ]; then
    echo "no requirements for $name: $requirements is absent" >&2
    return 1
  fi
  interpreter="$(python_interpreter)" || return 1
  folder="$LYRICA_CACHE/venvs/$name"
  mkdir -p "$LYRICA_CACHE/venvs"
  stamp="$( { "$interpreter" -VV; echo "$folder"; _python_env_flatten "$requirements"; } | sha256sum | cut -d' ' -f1)"
  exec {lock}>"$folder.lock"
  flock "$lock"
  if [ "$(cat "$folder/.stamp" 2>/dev/null)" != "$stamp" ]; then
    echo "making the Python environment $name" >&2
    _python_env_build "$name" "$folder" "$requirements" "$interpreter" {lock}>&- || { exec {lock}>&-; return 1; }
    echo "$stamp" >"$folder/.stamp"
  fi
  exec {lock}>&-
  echo "$folder"
}

python_envs_prepare() {
  local names=("$@") failed=0 i
  for ((i = 0; i < ${#names[@]}; i += 2)); do
    python_env "${names[i]}" >/dev/null &
    local first=$! second=""
    if ((i + 1 < ${#names[@]})); then
      python_env "${names[i + 1]}" >/dev/null &
      second=$!
    fi
    wait "$first" || failed=1
    if [ -n "$second" ]; then wait "$second" || failed=1; fi
  done
  return "$failed"
}

python_client_versions() {
  local file
  for file in "$_python_envs_top"/Tests/Clients/requirements/chromadb-*.txt; do
    file="${file##*/chromadb-}"
    echo "${file%.txt}"
  done | sort -V
}
