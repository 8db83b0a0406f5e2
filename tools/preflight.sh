#!/bin/sh
# Is this machine ready? Lists all missing programs at once, and how to install each.
#
#   preflight.sh             checks Python, Node and npm
#   preflight.sh python      checks Python alone
#   preflight.sh browser     checks the browser that a test drives
#   preflight.sh --python    prints the Python to use
#   preflight.sh --browser   prints the browser to use
#
# Plain POSIX shell, because Python itself may be missing.

missing=''

need() {
    missing="$missing
  - $1
      $2"
}

# The lock file is made with 3.11, so that version comes first. pyenv and macOS put stubs on the
# PATH, so each candidate has to run.
find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

# Chromium, or a Chrome of this machine: CHROMIUM names another one.
find_browser() {
    for candidate in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        if command -v "$candidate"; then
            return
        fi
    done
}

# The version that `$1 --version` prints, without the leading v; empty if it does not run.
version() {
    "$1" --version 2>/dev/null | sed -e 's/^[^0-9]*//' -e 1q
}

check_python() {
    python=$(find_python)
    if [ -z "$python" ]; then
        found=$(version "${PYTHON:-python3}")
        need "Python 3.11 or newer (found: ${found:-none})" \
            "https://www.python.org/downloads, or your package manager: brew install python@3.12, apt install python3 python3-venv"
    elif ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        need "Python's venv module (found: $python without it)" \
            "Debian and Ubuntu have a package for it: apt install $(basename "$python")-venv"
    fi
}

check_node() {
    node=$(version node)
    major=${node%%.*}
    if [ "${major:-0}" -lt 20 ] 2>/dev/null; then
        need "Node.js 22 or newer; 20 still works (found: ${node:-none})" \
            "https://nodejs.org/en/download, or nvm install --lts, brew install node"
    elif [ "$major" -lt 22 ] 2>/dev/null; then
        echo "Note: Node.js $node works, but gets no security fixes any more. Node.js 22 does." >&2
    fi
    if [ -z "$(version npm)" ]; then
        need "npm (found: none)" \
            "it comes with Node.js from https://nodejs.org/en/download; on Debian: apt install npm"
    fi
}

check_browser() {
    if [ -z "$(find_browser)" ]; then
        need "Chromium or Google Chrome, for \`make test\` alone (found: none)" \
            "apt install chromium, brew install --cask google-chrome; CHROMIUM=/path/to/it names another"
    fi
}

# GNU make sets MAKELEVEL. Without it you ran this script by hand, so check for make as well.
check_make() {
    if [ -z "$MAKELEVEL" ] && ! make --version 2>/dev/null | grep -q GNU; then
        need "GNU make" "apt install make, or on macOS: xcode-select --install"
    fi
}

case $1 in
--python)
    find_python
    exit
    ;;
--browser)
    find_browser
    exit
    ;;
python)
    check_python
    ;;
browser)
    check_browser
    ;;
*)
    check_make
    check_python
    check_node
    ;;
esac

if [ -n "$missing" ]; then
    printf '\nBefore Semblance can start, this machine needs:\n%s\n\n' "$missing" >&2
    exit 1
fi
