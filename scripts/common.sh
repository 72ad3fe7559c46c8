# What the scripts have in common; they source this file.

say() { echo "chatapp: $*"; }

fail() {
    echo "chatapp: $*" >&2
    exit 1
}

suitable_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or later is needed. Install it, or name it: make run PYTHON=/path/to/python3"
}

# Two starts at once must not interfere with each other: only one holds the lock on this file, until its script ends.
lock() {
    exec 9<"$1"
    if command -v flock >/dev/null; then
        flock 9
    else # on macOS; the lock belongs to the open file, which this shell keeps
        "$(suitable_python)" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
    fi
}
