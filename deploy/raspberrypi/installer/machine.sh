# shellcheck shell=sh
# Whether this machine can be what it is to be. Nothing is changed here: all that is in the way is said at once, and then it ends.

obstacles=''

obstacle() { obstacles="$obstacles
  - $*"; }

check_machine() {
    check_rights
    check_system
    check_room
    if [ -z "$root" ]; then
        check_surroundings
        check_clock
        check_network
    fi
    check_release
    [ -z "$obstacles" ] || refuse "nothing was changed, because:$obstacles"
}

check_rights() {
    [ "$(id -u)" = 0 ] || refuse "this must be run as root: sudo ./install.sh"
}

check_system() {
    os_id='' os_version='' os_name=''
    if [ -r "$root/etc/os-release" ]; then
        os_id="$(sed -n 's/^ID=//p' "$root/etc/os-release" | tr -d '"')"
        os_version="$(sed -n 's/^VERSION_ID=//p' "$root/etc/os-release" | tr -d '"')"
        os_name="$(sed -n 's/^PRETTY_NAME=//p' "$root/etc/os-release" | tr -d '"')"
    fi
    case "$os_id:$os_version" in
        debian:12 | debian:13) ;;
        raspbian:*) obstacle "this is the 32-bit Raspberry Pi OS. Write “Raspberry Pi OS Lite (64-bit)” to the card: there are no ready-made packages for 32 bits." ;;
        *) obstacle "this is ${os_name:-an unknown system}. It must be Raspberry Pi OS Lite (64-bit) or Debian, version 12 or 13." ;;
    esac
    architecture="$(cat "$root/var/lib/dpkg/arch" 2>/dev/null | head -n 1)"
    [ -n "$architecture" ] || architecture="$(dpkg --print-architecture 2>/dev/null || true)"
    case "$architecture" in
        arm64 | amd64) ;;
        *) obstacle "this system is built for ${architecture:-an unknown kind of machine}. There are packages for 64-bit ARM (arm64) and for amd64 only." ;;
    esac
}

check_room() {
    # What a release and its environment, the role's packages and one update beside it need.
    case "$role" in server) need_mb=3500 ;; *) need_mb=3000 ;; esac
    if [ -e "$root/opt/foyer/current" ]; then need_mb=1200; fi
    [ "$no_release" = no ] || need_mb=300
    free_mb="$(df -Pm "${root:-/}" | awk 'NR == 2 { print $4 }')"
    [ "$free_mb" -ge "$need_mb" ] || obstacle "only $free_mb MB are free on the card, and $need_mb MB are needed. Take a card of 16 GB or more, or make room."
    memory_mb="$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || echo 9999)"
    [ "$memory_mb" -ge 850 ] || obstacle "this machine has $memory_mb MB of memory; 1 GB is the least, 2 GB are better."
}

check_surroundings() {
    if [ "$(findmnt -n -o FSTYPE / 2>/dev/null)" = overlay ] && [ -d /media/root-ro ]; then
        obstacle "the card is only read now, so nothing would stay. Switch that off first: sudo $here/read-only off, then start the machine anew."
    fi
    case "$role" in
        kiosk | scan-station | display)
            for each in lightdm gdm3 sddm greetd; do
                if [ -e "/etc/systemd/system/display-manager.service" ] || systemctl is-enabled --quiet "$each" 2>/dev/null; then
                    obstacle "a desktop is installed here, which would hold the screen. Write “Raspberry Pi OS Lite (64-bit)” to the card instead."
                    break
                fi
            done
            ls /dev/dri/card* >/dev/null 2>&1 || warn "no screen is found on this machine now. It can be connected later."
            ;;
        server)
            for each in 80 443; do
                held="$(ss -Hltnp "sport = :$each" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | head -n 1)"
                case "$held" in '' | caddy) ;; *) obstacle "port $each, which Caddy needs, is held by $held. Stop and disable that first." ;; esac
            done
            ;;
    esac
}

# When this release was made: a day that is past, whatever the clock says.
release_made() {
    made="$(sed -n 's/^ *"made_at": \([0-9][0-9]*\).*/\1/p' "$here/../../RELEASE.json" 2>/dev/null || true)"
    [ -n "$made" ] || made="$(stat -c %Y "$here/install.sh")"
}

# A machine that wakes years behind takes neither Debian's lists nor a certificate. A day of grace.
check_clock() {
    release_made
    [ "$(date +%s)" -ge $((made - 86400)) ] ||
        obstacle "this machine's clock says $(date '+%-d %B %Y, %H:%M'), which is before this release was made. Set it: sudo timedatectl set-ntp true, with a network; or sudo date -s 'YEAR-MONTH-DAY HOUR:MINUTE'."
}

check_network() {
    [ -n "$(missing_packages)" ] || return 0
    mirror="$(sed -n 's/^\(deb\|URIs:\)[^h]*https\{0,1\}:\/\/\([^/ ]*\).*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)"
    if [ -n "$mirror" ] && ! getent hosts "$mirror" >/dev/null 2>&1; then
        obstacle "Debian packages are needed and $mirror is not found. Connect this machine to a network with a name server; a network cable is the surest."
    fi
}

# A release nobody signed, or one that would take the place of a newer one unasked, is found before anything is changed, where Python is there already.
check_release() {
    [ -n "$from" ] || return 0
    [ -s "$from.sig" ] || obstacle "$from.sig is missing or empty: the signature lies beside the release file. Copy both again."
    if [ -z "$obstacles" ] && command -v python3 >/dev/null && command -v openssl >/dev/null; then
        fits=''
        # What an image's own Python is, its builder's does not know.
        [ -n "$root" ] || fits=--here
        # shellcheck disable=SC2086 # one option or none
        said="$("$here/foyer-release" --root "${root:-/}" verify "$from" --to-run $older $fits ${keys:+--key "$keys"} 2>&1)" || obstacle "${said#foyer-release: }"
    fi
}
