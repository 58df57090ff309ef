# shellcheck shell=sh
# Takes away what install.sh did, from the last thing to the first, by its own list. What people made with it stays (settings, tickets, journals, the
# database and the users who own them) unless --purge is given.

undo_all() {
    [ "$(id -u)" = 0 ] || refuse "this must be run as root: sudo ./install.sh --undo"
    [ -f "$keep/list" ] || refuse "nothing was installed here by install.sh."
    if [ -z "$root" ] && [ "$(findmnt -n -o FSTYPE / 2>/dev/null)" = overlay ] && [ -d /media/root-ro ]; then
        refuse "the card is only read now, so nothing would stay. Switch that off first: sudo $here/read-only off, then start the machine anew."
    fi
    known_answers || true
    if [ "$yes" != yes ]; then
        [ "$interactive" = yes ] || refuse "say --yes to go on without being asked."
        say "Foyer is taken away from this machine$([ "$purge" = yes ] && echo ", with everything it keeps: settings, tickets not yet sent, the database")."
        ask confirmed "Go on?" "no"
        case "$confirmed" in [yY]*) ;; *) refuse "nothing was changed." ;; esac
    fi
    undo_list="$(mktemp)"
    tac "$keep/list" >"$undo_list"
    step "programs are stopped"
    stop_programs
    if [ -e "$root/etc/overlayroot.local.conf" ]; then undo_read_only; fi
    step "units"
    while read -r kind thing; do
        case "$kind" in
            enabled) units disable --quiet "$thing" || true ;;
            masked) rm -f "$root/etc/systemd/system/$thing" ;;
        esac
    done <"$undo_list"
    # Several servers were enabled by hand.
    if grep -qx "made /etc/systemd/system/foyer-server@.service" "$undo_list"; then units disable --quiet foyer-server@.service || true; fi
    if [ "$purge" = yes ]; then undo_data; fi
    step "files"
    while read -r kind thing more; do undo_one "$kind" "$thing" "$more"; done <"$undo_list"
    if [ -z "$root" ] && grep -qx "trusted authority" "$undo_list"; then logged update-ca-certificates --fresh || true; fi
    while read -r kind thing; do
        if [ "$kind" = disabled ]; then units enable --quiet "$thing" || true; fi
    done <"$undo_list"
    step "Debian packages"
    forget_hold
    undo_packages
    rm -rf "$keep"
    groups_left="$(grep '^group ' "$undo_list" || true)"
    for each in $(sed -n 's/^folder //p' "$undo_list"); do rmdir "$root$each" 2>/dev/null || true; done
    rm -f "$undo_list"
    if booted; then
        logged systemctl daemon-reload
        if command -v udevadm >/dev/null; then logged udevadm control --reload || true; fi
    fi
    if [ "$purge" = yes ]; then
        say "Foyer is gone from this machine. Start it anew once: sudo reboot"
        [ "$log" = /dev/null ] || rm -f "$log"
    else
        say "Foyer is gone; /etc/foyer and /var/lib/foyer are still there (--undo --purge takes them away, too). Start the machine anew once: sudo reboot"
        # What is kept belongs to these, and a later --purge must know of it.
        remember_what_stays
    fi
}

stop_programs() {
    booted || return 0
    for each in foyer-update.timer foyer-update.service foyer-clock.timer foyer-kiosk foyer-display foyer-server; do
        logged systemctl stop "$each" || true
    done
    logged systemctl stop 'foyer-safe@*' 'foyer-server@*' || true
}

undo_one() {
    case "$1" in
        made) rm -f "$root$2" "$root$2.foyer-new" ;;
        was)
            mkdir -p "$root$(dirname "$2")"
            cp -a "$keep/was$2" "$root$2"
            ;;
        block | word | console)
            rm -f "$root$2.foyer-new"
            [ ! -f "$root$2" ] || undo_in_file "$@"
            ;;
        user) if [ "$purge" = yes ]; then remove_user "$2"; fi ;;
        group) if [ "$purge" = yes ]; then logged groupdel ${root:+--prefix "$root"} "$2" || true; fi ;;
    esac
}

undo_in_file() {
    case "$1" in
        block)
            grep -q '^# Foyer begins' "$root$2" || return 0
            sed -i '/^# Foyer begins/,/^# Foyer ends/d' "$root$2" && trim_last_line "$root$2"
            ;;
        word) sed -i "1s/ $3\( \|\$\)/\1/" "$root$2" ;;
        console) sed -i '1s/console=tty3/console=tty1/' "$root$2" ;;
    esac
}

# The empty line that stood before our block.
trim_last_line() {
    if [ -z "$(tail -n 1 "$1")" ]; then sed -i '$d' "$1"; fi
}

remove_user() {
    logged userdel ${root:+--prefix "$root"} "$1" || true
    # userdel leaves the group when it is not the user's own by its count.
    if grep -q "^$1:" "$root/etc/group"; then logged groupdel ${root:+--prefix "$root"} "$1" || true; fi
}

undo_data() {
    step "everything it keeps"
    rm -rf "$root/opt/foyer" "$root/var/lib/foyer" "$root/var/cache/foyer" "$root/etc/foyer"
}

# Only what came with us and what nothing else needs.
undo_packages() {
    if [ -n "$root" ]; then return 0; fi
    gone="$(sed -n 's/^package //p' "$undo_list" | tr '\n' ' ')"
    [ -n "$gone" ] || return 0
    would="$(mktemp)"
    # shellcheck disable=SC2086 # a list of words
    apt-get --simulate remove $gone 2>/dev/null | sed -n 's/^Remv \([^ ]*\).*/\1/p' | sort -u >"$would"
    others="$(printf '%s\n' $gone | sort -u | comm -13 - "$would" | tr '\n' ' ')"
    rm -f "$would"
    if [ -n "$others" ]; then
        warn "these packages came later and need some of ours, so all of ours stay: $others"
        return 0
    fi
    # shellcheck disable=SC2086
    logged env DEBIAN_FRONTEND=noninteractive apt-get purge --yes $gone || warn "some packages could not be removed (see above)."
}

remember_what_stays() {
    mkdir -p "$keep" && chmod 0700 "$keep"
    echo "folder /var/lib/foyer-install" >"$keep/list"
    # Read from the end: a user goes before the groups it is in.
    if [ -n "$groups_left" ]; then printf '%s\n' "$groups_left" >>"$keep/list"; fi
    for each in $(users_left); do echo "user $each" >>"$keep/list"; done
    for each in /opt/foyer /etc/foyer /var/lib/foyer /var/cache/foyer; do
        if [ -d "$root$each" ]; then echo "folder $each" >>"$keep/list"; fi
    done
    rm -rf "$root/opt/foyer"
}

users_left() { cut -d: -f1 "$root/etc/passwd" | grep '^foyer-' || true; }
