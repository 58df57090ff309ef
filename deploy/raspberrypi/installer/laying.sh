# shellcheck shell=sh
# Laying files so that all of it can be taken back: what was made anew is noted, what was there before is kept. A file that is already as it should be
# is not written, so a second run leaves the card alone.
#
# The list has one line for each thing, `kind path`, in the order in which it was done; undoing reads it from the end.

noted() { [ -f "$keep/list" ] && grep -qxF "$1" "$keep/list"; }

put_note() {
    noted "$1" && return 0
    mkdir -p "$keep" && chmod 0700 "$keep"
    printf '%s\n' "$1" >>"$keep/list"
}

# Folders on the way to PATH that are not there yet, outermost first.
note_folder() {
    folder_missing=''
    folder="$1"
    while [ "$folder" != / ] && [ -n "$folder" ] && [ ! -d "$root$folder" ]; do
        folder_missing="$folder $folder_missing"
        folder="$(dirname "$folder")"
    done
    for folder in $folder_missing; do
        mkdir "$root$folder"
        chmod 0755 "$root$folder"
        put_note "folder $folder"
    done
}

# lay DEST [MODE [OWNER]]: standard input becomes this file.
lay() {
    lay_place="$root$1"
    note_folder "$(dirname "$1")"
    cat >"$lay_place.foyer-new"
    chmod "${2:-0644}" "$lay_place.foyer-new"
    [ -z "${3:-}" ] || chown "$3" "$lay_place.foyer-new"
    if [ -e "$lay_place" ] || [ -L "$lay_place" ]; then
        if cmp -s "$lay_place" "$lay_place.foyer-new" && [ "$(stat -c '%a %U' "$lay_place")" = "$(stat -c '%a %U' "$lay_place.foyer-new")" ]; then
            rm "$lay_place.foyer-new"
            return 0
        fi
        keep_what_was "$1"
    else
        noted "was $1" || put_note "made $1"
    fi
    mv "$lay_place.foyer-new" "$lay_place"
    changed=$((changed + 1))
    note "wrote $1"
}

# The file as it was before us, once.
keep_what_was() {
    if noted "made $1" || noted "was $1"; then return 0; fi
    mkdir -p "$keep/was$(dirname "$1")"
    cp -a "$root$1" "$keep/was$1"
    put_note "was $1"
}

# lay_once DEST MODE: only if it is not there; from then on it belongs to whoever runs the machine. Standard input is read in any case. An empty file is what
# a power cut leaves of one.
lay_once() {
    if [ -s "$root$1" ]; then
        cat >/dev/null
        return 0
    fi
    note_folder "$(dirname "$1")"
    cat >"$root$1.foyer-new"
    chmod "$2" "$root$1.foyer-new"
    mv "$root$1.foyer-new" "$root$1"
    put_note "setting $1"
    changed=$((changed + 1))
    note "wrote $1"
}

# take_away DEST: a file that an earlier release laid and this one does not.
take_away() {
    noted "made $1" || return 0
    rm -f "$root$1"
    sed -i "\|^made $1\$|d" "$keep/list"
    note "took $1 away"
}

# Units ----------------------------------------------------------------------------------------------------------

# systemctl on the machine itself, or on the files of an image.
units() {
    if [ -n "$root" ]; then logged systemctl --root="$root" "$@"; else logged systemctl "$@"; fi
}

booted() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

enable() {
    unit_state="$(unit_state "$1")"
    case "$unit_state" in enabled | enabled-runtime | static | alias | generated) return 0 ;; esac
    # Noted first, here and below: what a power cut leaves done and not noted would stay for ever.
    put_note "enabled $1"
    units enable --quiet "$1"
    changed=$((changed + 1))
}

disable() {
    case "$(unit_state "$1")" in
        enabled)
            put_note "disabled $1"
            units disable --quiet "$1"
            if booted; then logged systemctl stop "$1" || true; fi
            ;;
    esac
}

mask() {
    if [ -e "$root/etc/systemd/system/$1" ] || [ -L "$root/etc/systemd/system/$1" ]; then
        [ "$(readlink "$root/etc/systemd/system/$1")" != /dev/null ] || return 0
        keep_what_was "/etc/systemd/system/$1"
        rm "$root/etc/systemd/system/$1"
    fi
    note_folder /etc/systemd/system
    put_note "masked $1"
    ln -s /dev/null "$root/etc/systemd/system/$1"
    changed=$((changed + 1))
}

unit_state() {
    if [ -n "$root" ]; then systemctl --root="$root" is-enabled "$1" 2>/dev/null || true; else systemctl is-enabled "$1" 2>/dev/null || true; fi
}
