# shellcheck shell=sh
# What the person at the keyboard reads, and the log. One plain line for each step; a refusal is one sentence and leaves the machine as it was.

log=/dev/null
changed=0

say() {
    printf '%s\n' "$*"
    printf '%s\n' "$*" >>"$log"
}

step() { say "- $*"; }

note() { printf '  %s\n' "$*" >>"$log"; }

warn() {
    printf 'Note: %s\n' "$*" >&2
    printf 'Note: %s\n' "$*" >>"$log"
}

refuse() {
    printf 'install.sh: %s\n' "$*" >&2
    printf 'install.sh: %s\n' "$*" >>"$log"
    exit 1
}

# Runs a command whose words go to the log; when it fails, its last lines are shown.
logged() {
    printf '$ %s\n' "$*" >>"$log"
    logged_out="$(mktemp)"
    logged_status=0
    "$@" >"$logged_out" 2>&1 </dev/null || logged_status=$?
    cat "$logged_out" >>"$log"
    if [ "$logged_status" != 0 ]; then tail -n 15 "$logged_out" >&2; fi
    rm -f "$logged_out"
    return "$logged_status"
}

begin_log() {
    if [ -d "$root/var/log" ] && [ -w "$root/var/log" ]; then
        log="$root/var/log/foyer-install.log"
        printf '\n==== %s: install.sh %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S UTC')" "$*" >>"$log"
        chmod 0640 "$log"
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
