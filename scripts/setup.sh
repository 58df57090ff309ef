#!/bin/sh
# Make this folder ready to run (`run`) or to test (`test`), from a machine that has only python3 and make.
#
# What it decides: which Debian packages are needed, and that nothing is ever compiled or resolved here. Every Python
# package is a wheel named with its hash in the lock (x86-64 and 64-bit Raspberry Pi alike), so the same lock gives the same
# installation anywhere. The project itself is not "installed": it is an application in its own environment, so a .pth file
# names this folder and small launchers start it. No build backend has to be fetched, and moving the folder only
# means running this again.
#
# A stamp keeps the second run under a second; it holds the locks, this script, the Python and the folder, and any change
# of these runs the set-up anew. Everything a tool says goes to .setup/setup.log; here one plain line for each step.
set -eu

purpose="${1:-run}"
case "$purpose" in
    run) lock=requirements.lock ;;
    test) lock=requirements-dev.lock ;;
    *) echo "Usage: scripts/setup.sh [run|test]" >&2; exit 2 ;;
esac

root="$(cd "$(dirname "$0")/.." && pwd -P)"
cd "$root"
mkdir -p .setup
log="$root/.setup/setup.log"

run_packages="python3-venv libgl1 libegl1 libgles2 libgl1-mesa-dri libfribidi0 libmtdev1 libxext6 libxi6 libxcursor1 libxrandr2 espeak-ng tesseract-ocr ghostscript libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
test_packages="git chromium shellcheck systemd libatomic1 postgresql xvfb xdotool poppler-utils fonts-noto-core sane-utils"

say() { echo "setup: $*"; }

fail() {
    echo "setup: $*" >&2
    exit 1
}

logged() {
    printf '\n$ %s\n' "$*" >>"$log"
    "$@" >>"$log" 2>&1 </dev/null || {
        status=$?
        echo "setup: this step failed: $*" >&2
        echo "setup: the end of .setup/setup.log says:" >&2
        tail -n 15 "$log" >&2
        exit "$status"
    }
}

# The stamp ------------------------------------------------------------------------------------------------------

print_of_inputs() {
    { cat "$lock" scripts/setup.sh; echo "$root"; "$python" -c 'import sys; print(sys.version, sys.base_prefix)'; } | sha256sum | cut -d' ' -f1
}

ready_for() {
    [ -x .venv/bin/python ] && [ -f ".setup/$1.stamp" ] && [ "$(cat ".setup/$1.stamp")" = "$2" ]
}

python="$(command -v python3 || true)"
[ -n "$python" ] || fail "python3 is missing. Install it first: apt install python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed; python3 here is $("$python" -c 'import platform; print(platform.python_version())')."

if ready_for "$purpose" "$(print_of_inputs)"; then exit 0; fi

# Two at once (a test run beside a demo) wait for each other instead of breaking each other's environment.
if command -v flock >/dev/null 2>&1 && [ -z "${FOYER_SETUP_LOCKED:-}" ]; then
    FOYER_SETUP_LOCKED=1 exec flock .setup/lock sh "$root/scripts/setup.sh" "$purpose"
fi
date -u '+%n==== set-up of %Y-%m-%d %H:%M:%S UTC' >>"$log"

# Debian packages ------------------------------------------------------------------------------------------------

# Names of what is installed, also under which name else: Debian 13 has libmtdev1 as libmtdev1t64.
installed_names() {
    dpkg-query -W -f='${db:Status-Status}|${Package}, ${Provides}\n' |
        sed -n 's/^installed|//p' | sed 's/ *([^)]*)//g' | tr -d ' ' | tr ',' '\n'
}

missing_packages() {
    installed="$(installed_names)"
    for package in "$@"; do
        echo "$installed" | grep -qxF "$package" || printf '%s ' "$package"
    done
}

# Runs a command with root's rights: as root, or by sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then logged env "$@"; else logged sudo env "$@"; fi
}

need_rights() {
    [ "$(id -u)" = 0 ] && return
    command -v sudo >/dev/null 2>&1 ||
        fail "these packages are missing: $1. Run this as root, or install sudo and let $(id -un) use it, or install them yourself: apt install $1"
    sudo -n true 2>/dev/null && return
    if [ -t 0 ]; then
        say "your password is asked for by sudo, to install: $1"
        sudo true && return
    fi
    fail "these packages are missing and $(id -un) may not use sudo here: $1. Install them yourself (as root: apt install $1), then run this again."
}

install_packages() {
    as_root DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
}

# Debian's postgresql makes and starts a cluster when it is installed. The tests bring their own, so none is made; whoever
# has PostgreSQL already keeps theirs as it is.
install_postgresql_idle() {
    install_packages postgresql-common
    as_root sh -c '
        file=/etc/postgresql-common/createcluster.conf
        cp -p "$file" "$file.before-foyer"
        echo "create_main_cluster = false" >>"$file"'
    trap 'as_root mv /etc/postgresql-common/createcluster.conf.before-foyer /etc/postgresql-common/createcluster.conf' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    install_packages postgresql
    as_root mv /etc/postgresql-common/createcluster.conf.before-foyer /etc/postgresql-common/createcluster.conf
    trap - EXIT INT TERM
}

packages="$run_packages"
[ "$purpose" = test ] && packages="$packages $test_packages"
# shellcheck disable=SC2086 # the lists are words on purpose
if command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
    missing="$(missing_packages $packages)"
    # A Python from elsewhere than Debian brings its own venv.
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then missing="$(echo "$missing" | sed 's/python3-venv //')"; fi
    if [ -n "$missing" ]; then
        need_rights "${missing% }"
        say "installing from Debian: ${missing% }"
        as_root apt-get update
        case " $missing" in *" postgresql "*) install_postgresql_idle ;; esac
        install_packages $missing
    fi
    # Chromium's engine alone: pages of the tests take less than half of the time in it. Not every system has it for its own Chromium, and none needs it.
    if [ "$purpose" = test ] && [ -n "$(missing_packages chromium-headless-shell)" ] && { [ "$(id -u)" = 0 ] || sudo -n true; } 2>/dev/null &&
        apt-get install --simulate --no-remove --no-install-recommends chromium-headless-shell >/dev/null 2>&1; then
        install_packages --no-remove chromium-headless-shell
    fi
else
    say "this is not Debian; I take it that you have what these packages bring: $packages"
fi

# The environment ------------------------------------------------------------------------------------------------

made_in="$(cat .setup/folder 2>/dev/null || echo "$root")"
if [ ! -x .venv/bin/python ] || [ "$made_in" != "$root" ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    say "making the Python environment .venv"
    logged "$python" -m venv --clear .venv
fi
echo "$root" >.setup/folder

say "installing the Python packages of $lock"
rm -f .setup/run.stamp .setup/test.stamp
logged .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps --only-binary=:all: --require-hashes -r "$lock"

# An earlier `pip install -e .` would name the folder twice.
if .venv/bin/python -m pip show --quiet foyer >/dev/null 2>&1; then
    logged .venv/bin/python -m pip uninstall --yes foyer
fi
.venv/bin/python - "$root" <<'PYTHON'
import pathlib
import sys
import sysconfig
import tomllib

root = pathlib.Path(sys.argv[1])
(pathlib.Path(sysconfig.get_path("purelib")) / "foyer.pth").write_text(f"{root}\n", encoding="utf-8")
programs = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
for name, target in programs.items():
    module, function = target.split(":")
    launcher = pathlib.Path(sysconfig.get_path("scripts")) / name
    # Through sh: a "#!" line cannot hold a folder with a space in it.
    launcher.write_text(
        "#!/bin/sh\n"
        f"# Starts {target} in this environment. Written by scripts/setup.sh.\n"
        'exec "$(dirname "$0")/python" -c '
        f"'import sys; from {module} import {function}; sys.argv[0] = \"{name}\"; sys.exit({function}())' \"$@\"\n",
        encoding="utf-8",
    )
    launcher.chmod(0o755)
PYTHON

# Counted again: the packages may have brought a newer Python. What was set up for tests can run too.
print_of_inputs >".setup/$purpose.stamp"
if [ "$purpose" = test ]; then
    lock=requirements.lock
    print_of_inputs >.setup/run.stamp
fi
say "ready"
