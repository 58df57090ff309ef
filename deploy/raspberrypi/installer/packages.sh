# shellcheck shell=sh
# The Debian packages of each role. Only what was not there before is noted, with everything it brought along, so that undoing leaves what was there.

COMMON="python3 python3-venv ca-certificates openssl systemd-timesyncd|chrony|ntpsec|openntpd unattended-upgrades tzdata"
# What switches a panel off at night: televisions (cec-ctl) and monitors (ddcutil); hardware/screens.
PANEL="v4l-utils ddcutil"
# What the kiosk draws with (KMSDRM: no window system at all), hears touches with, speaks with.
KIOSK="libgl1 libegl1 libgles2 libgl1-mesa-dri libgbm1 libdrm2 libudev1 libfribidi0 libmtdev1t64|libmtdev1 libasound2t64|libasound2 espeak-ng kbd udev libusb-1.0-0 libglib2.0-0t64|libglib2.0-0 $PANEL"
SCAN="sane-utils sane-airscan"
# cage ends at once without Xwayland's program, though nothing here ever starts it.
DISPLAY_="cage xwayland chromium seatd wlr-randr fonts-noto-core kbd udev libgl1-mesa-dri $PANEL"
SERVER="caddy espeak-ng tesseract-ocr ghostscript libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libglib2.0-0t64|libglib2.0-0 fonts-noto-core sqlite3 libgl1"

role_packages() {
    case "$role" in
        kiosk) echo "$COMMON $KIOSK" ;;
        scan-station) echo "$COMMON $KIOSK $SCAN" ;;
        display) echo "$COMMON $DISPLAY_" ;;
        server) echo "$COMMON $SERVER" ;;
    esac
}

installed_packages() {
    dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sort -u
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Names with “|” are called otherwise in another release of Debian.
missing_packages() {
    for each in $(role_packages); do
        found=no
        for other in $(echo "$each" | tr '|' ' '); do
            if is_installed "$other"; then found=yes; fi
        done
        [ "$found" = yes ] || printf '%s ' "$each"
    done
}

install_packages() {
    [ -z "$root" ] || return 0
    forget_hold
    missing="$(missing_packages)"
    [ -n "$missing" ] || return 0
    logged apt-get update || refuse "the lists of Debian's packages could not be fetched (see above). Look at the network and run this again; what was done so far stays."
    wanted=''
    for each in $missing; do
        for other in $(echo "$each" | tr '|' ' '); do
            if apt-cache show "$other" >/dev/null 2>&1; then
                wanted="$wanted $other"
                break
            fi
        done
    done
    case "$role" in
        scan-station) if apt-cache show rpicam-apps-lite >/dev/null 2>&1; then wanted="$wanted rpicam-apps-lite"; fi ;;
        # Debian 13 has it; the cage of Debian 12 could not be told anyway.
        display) if apt-cache show wlopm >/dev/null 2>&1; then wanted="$wanted wlopm"; fi ;;
    esac
    # Caddy would start with the page it brings along; it starts when its settings are there.
    hold_starts
    # shellcheck disable=SC2086 # a list of words
    bring_packages $wanted || refuse "Debian's packages could not be installed (see above). Run this again when that is mended; what was done so far stays."
    release_starts
    changed=$((changed + 1))
}

# What will come is noted before it comes, or what a power cut left installed would be nobody's; what is noted and did not come, undoing finds not there.
bring_packages() {
    if [ -n "$(dpkg --audit 2>/dev/null)" ]; then logged env DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure -a || true; fi
    coming="$(apt-get --simulate --no-install-recommends install "$@" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) (.*/\1/p')"
    # `Inst name [version] (...` is one that is there already and becomes newer: not ours.
    for each in $coming; do is_installed "$each" || put_note "package ${each%%:*}"; done
    # A machine that was just switched on is often busy with Debian's own updates: it is waited for.
    logged env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold "$@"
}

# While packages are installed none of their programs is started (the way Debian offers for it). Left behind, nothing would be started again after any later
# update of Debian's either: so it says whose it is, and goes also when this is ended by a key or with its session, at the next run, or with --undo.
HOLD='# foyer install.sh'

hold_starts() {
    policy="$root/usr/sbin/policy-rc.d"
    if [ -e "$policy" ]; then
        policy=''
        return 0
    fi
    trap 'release_starts' EXIT
    # sh ends by a signal without what stands behind EXIT.
    trap 'release_starts; exit 130' HUP INT TERM
    printf '#!/bin/sh\n%s\nexit 101\n' "$HOLD" >"$policy"
    chmod 0755 "$policy"
}

release_starts() {
    if [ -n "${policy:-}" ]; then rm -f "$policy"; fi
    trap - EXIT HUP INT TERM
}

forget_hold() {
    if grep -qx "$HOLD" "$root/usr/sbin/policy-rc.d" 2>/dev/null; then rm -f "$root/usr/sbin/policy-rc.d"; fi
}
