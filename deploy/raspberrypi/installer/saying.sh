# shellcheck shell=sh
# What the person at the keyboard reads, and the log. One plain line for each step; a refusal is one sentence and leaves the machine as it was.

# What the log cannot take (a full card) ends nothing: `--undo` is what makes room.
log=/dev/null
changed=0

say() {
    printf '%s\n' "$*"
    to_log '%s\n' "$*"
}

to_log() {
    # shellcheck disable=SC2059 # the first word is the format
    { printf "$@" >>"$log"; } 2>/dev/null || true
}

step() { say "- $*"; }

note() { to_log '  %s\n' "$*"; }

warn() {
    printf 'Note: %s\n' "$*" >&2
    to_log 'Note: %s\n' "$*"
}

refuse() {
    printf 'install.sh: %s\n' "$*" >&2
    to_log 'install.sh: %s\n' "$*"
    exit 1
}

# Runs a command whose words go to the log; when it fails, its last lines are shown.
logged() {
    to_log '$ %s\n' "$*"
    logged_out="$(mktemp)"
    logged_status=0
    "$@" >"$logged_out" 2>&1 </dev/null || logged_status=$?
    cat "$logged_out" >>"$log" 2>/dev/null || true
    if [ "$logged_status" != 0 ]; then tail -n 15 "$logged_out" >&2; fi
    rm -f "$logged_out"
    return "$logged_status"
}

begin_log() {
    if [ -d "$root/var/log" ] && [ -w "$root/var/log" ]; then
        log="$root/var/log/foyer-install.log"
        to_log '\n==== %s: install.sh %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S UTC')" "$*"
        chmod 0640 "$log" 2>/dev/null || log=/dev/null
    fi
}

# ask VARIABLE QUESTION DEFAULT: the answer of a person; an empty one takes the default.
ask() {
    if [ -n "$3" ]; then printf '%s [%s]: ' "$2" "$3"; else printf '%s: ' "$2"; fi
    IFS= read -r asked_answer || refuse "nobody answered."
    [ -n "$asked_answer" ] || asked_answer="$3"
    eval "$1=\$asked_answer"
}

confirm() {
    summary
    if [ "$yes" = yes ]; then return; fi
    [ "$interactive" = yes ] || refuse "say --yes to go on without being asked."
    ask confirmed "Go on?" "yes"
    case "$confirmed" in [yY]*) ;; *) refuse "nothing was changed." ;; esac
}
