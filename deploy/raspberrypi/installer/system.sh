# shellcheck shell=sh
# What the system gets for a role: units, rights of devices, the silent console, the bounds of the journal, the quiet boot. All of it comes with a
# release and is laid anew when another one is switched to (after-switch), so nothing here is to be changed by hand.

lay_users() {
    for each in $(users_of_role); do
        lay "/etc/sysusers.d/foyer-$each.conf" <"$here/etc/sysusers-$each.conf"
    done
    lay /etc/tmpfiles.d/foyer.conf <"$here/etc/tmpfiles.conf"
    groups_before="$(cut -d: -f1 "$root/etc/group" 2>/dev/null | sort)"
    if [ -n "$root" ]; then logged systemd-sysusers --root="$root"; else logged systemd-sysusers; fi || refuse "the users could not be made (see above)."
    for each in $(users_of_role); do put_note "user foyer-$each"; done
    printf '%s\n' "$groups_before" >"$keep/groups.before"
    for each in $(cut -d: -f1 "$root/etc/group" | sort | comm -13 "$keep/groups.before" -); do
        case "$each" in foyer-*) ;; *) put_note "group $each" ;; esac
    done
    rm -f "$keep/groups.before"
    for each in /etc/foyer/credentials /etc/foyer/release-keys /opt/foyer/releases /var/lib/foyer /var/cache/foyer; do note_folder "$each"; done
    chmod 0700 "$root/etc/foyer/credentials"
}

program() { case "$role" in scan-station) echo kiosk ;; *) echo "$role" ;; esac }

users_of_role() { program; }

has_screen() { [ "$role" != server ]; }

lay_system() {
    laid=' '
    lay_units
    lay_common
    if has_screen; then
        lay_screen
    else
        lay_server_system
    fi
    lay_boot
    take_old_units_away
    if booted; then
        logged systemctl daemon-reload
        logged systemctl reload-or-restart systemd-journald || true
        if command -v udevadm >/dev/null; then logged udevadm control --reload && logged udevadm trigger --subsystem-match=input --subsystem-match=usb --subsystem-match=video4linux --subsystem-match=backlight || true; fi
        logged sysctl --quiet --system || true
    fi
    enable_units
}

# Names below $here, none of which has a space; $here itself may (a stick called USB STICK).
unit_files() {
    case "$(program)" in
        kiosk) wanted_units="foyer-kiosk.service foyer-safe@.service foyer-console.service foyer-clock.service foyer-clock.timer" ;;
        display) wanted_units="foyer-display.service foyer-safe@.service foyer-console.service foyer-clock.service foyer-clock.timer" ;;
        server) wanted_units="foyer-server.service" ;;
    esac
    [ "$read_only" != yes ] || wanted_units="$wanted_units foyer-state.service"
    for each in $wanted_units; do echo "systemd/$each"; done
    # What keeps the release up to date comes with it, under these names.
    (cd "$here" && find systemd -maxdepth 1 \( -name 'foyer-update*' -o -name 'foyer-boot*' -o -name 'foyer-health*' \) \( -name '*.service' -o -name '*.timer' -o -name '*.path' \) | sort)
}

lay_units() {
    for unit in $(unit_files); do
        lay "/etc/systemd/system/$(basename "$unit")" <"$here/$unit"
        laid="$laid$(basename "$unit") "
    done
    if [ "$(program)" = server ]; then
        several_servers | lay /etc/systemd/system/foyer-server@.service
        laid="${laid}foyer-server@.service "
        credentials | lay /etc/systemd/system/foyer-server.service.d/credentials.conf
        credentials | lay /etc/systemd/system/foyer-server@.service.d/credentials.conf
    fi
}

# One of several servers on this machine, named by its port (docs/several-servers.md). A port in server.env would otherwise be that of all of them.
several_servers() {
    sed '/^Description=/s|$|, on port %i|
/^ExecStart=/s|=|=/usr/bin/env FOYER_PORT=%i |
s/^RuntimeDirectory=foyer-server$/&-%i/' "$here/systemd/foyer-server.service"
}

# Those of them that somebody enabled; then the single one is not.
servers_enabled() {
    for each in "$root"/etc/systemd/system/*.wants/foyer-server@*.service; do
        if [ -L "$each" ]; then basename "$each"; fi
    done
}

# One line for each secret: systemd hands it to the server alone, and it stands in no environment. What is not named like a setting (an editor's copy,
# the updater's token) is none of the server's.
credentials() {
    echo "# Written by install.sh from what lies in /etc/foyer/credentials."
    echo "[Service]"
    for each in "$root"/etc/foyer/credentials/*; do
        secret="$(basename "$each")"
        case "$secret" in *[!a-z0-9_]*) continue ;; esac
        [ ! -f "$each" ] || echo "LoadCredential=$secret:/etc/foyer/credentials/$secret"
    done
}

enable_units() {
    if [ "$role" != server ] || [ -z "$(servers_enabled)" ]; then enable "foyer-$(program).service"; fi
    for unit in $(unit_files); do
        case "$(basename "$unit")" in
            "foyer-$(program).service" | *@.*) ;;
            *) if grep -q '^\[Install\]' "$here/$unit"; then enable "$(basename "$unit")"; fi ;;
        esac
    done
    case "$role" in
        server)
            enable caddy.service
            enable systemd-time-wait-sync.service
            ;;
        display) enable seatd.service ;;
    esac
}

take_old_units_away() {
    [ -f "$keep/list" ] || return 0
    for old in $(sed -n 's|^made /etc/systemd/system/\(foyer-[^/]*\)$|\1|p' "$keep/list"); do
        case "$laid" in
            *" $old "*) ;;
            *)
                units disable --quiet "$old" || true
                take_away "/etc/systemd/system/$old"
                ;;
        esac
    done
}

lay_common() {
    case "$role" in server) storage=persistent ;; *) storage=volatile ;; esac
    sed "s/@STORAGE@/$storage/g" "$here/etc/journald.conf" | lay /etc/systemd/journald.conf.d/foyer.conf
    lay /etc/systemd/system.conf.d/foyer.conf <"$here/etc/system.conf"
    lay /etc/systemd/timesyncd.conf.d/foyer.conf <"$here/etc/timesyncd.conf"
    lay /etc/apt/apt.conf.d/90foyer <"$here/etc/apt.conf"
    sed 's/@AT@/02:10/' "$here/etc/apt-timer.conf" | lay /etc/systemd/system/apt-daily.timer.d/foyer.conf
    sed 's/@AT@/03:20/' "$here/etc/apt-timer.conf" | lay /etc/systemd/system/apt-daily-upgrade.timer.d/foyer.conf
    lay /etc/systemd/system/systemd-time-wait-sync.service.d/foyer.conf <"$here/etc/time-wait.conf"
}

lay_screen() {
    lay /etc/systemd/logind.conf.d/foyer.conf <"$here/etc/logind.conf"
    lay /etc/sysctl.d/90-foyer.conf <"$here/etc/sysctl.conf"
    lay /etc/udev/rules.d/70-foyer-kiosk.rules <"$here/udev/70-foyer-kiosk.rules"
    lay /etc/foyer/no-consoles.map <"$here/etc/no-consoles.map"
    # A machine that starts from a USB disk needs its driver.
    if [ -n "$root" ] || ! starts_from_usb; then lay /etc/modprobe.d/foyer.conf <"$here/etc/modprobe.conf"; fi
    for each in getty@tty1.service autovt@.service ctrl-alt-del.target; do mask "$each"; done
    # Swapping to the card wears it out; 1 GB is enough for a kiosk.
    disable dphys-swapfile.service
    if [ "$role" = display ]; then
        if [ -f "$root/etc/foyer/house-authority.crt" ]; then
            trusted="\"$(sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$root/etc/foyer/house-authority.crt" | grep -v CERTIFICATE | tr -d '\n')\""
        else
            trusted=''
        fi
        # Chromium compares a path from its beginning (a * in it is a sign like others), and takes subdomains too unless the name begins with a dot.
        sed "s|@ORIGIN@|$(origin_of "$server" | sed 's|://|://.|')/|; s|@CA@|$trusted|" "$here/etc/chromium/policies.json" | lay /etc/chromium/policies/managed/foyer.json
    fi
}

starts_from_usb() {
    for each in / /boot/firmware; do
        disk="$(findmnt -n -o SOURCE "$each" 2>/dev/null)" || continue
        if lsblk -n -s -o TRAN "$disk" 2>/dev/null | grep -q usb; then return 0; fi
    done
    return 1
}

lay_server_system() {
    lay /etc/systemd/system/caddy.service.d/foyer.conf <"$here/caddy/override.conf"
    lay /usr/local/bin/foyer 0755 <"$here/foyer"
}

# The firmware's files of a Raspberry Pi ----------------------------------------------------------------------------

QUIET="quiet loglevel=3 logo.nologo vt.global_cursor_default=0 systemd.show_status=false"

lay_boot() {
    boot=/boot/firmware
    [ -f "$root$boot/config.txt" ] || return 0
    if ! grep -q '^# Foyer begins' "$root$boot/config.txt"; then
        put_note "block $boot/config.txt"
        { cat "$root$boot/config.txt" && printf '\n# Foyer begins\n[all]\ndisable_splash=1\ndtparam=watchdog=on\n# Foyer ends\n'; } >"$root$boot/config.txt.foyer-new"
        into_firmware "$boot/config.txt"
        changed=$((changed + 1))
    fi
    if has_screen && [ -f "$root$boot/cmdline.txt" ]; then quiet_boot "$boot/cmdline.txt"; fi
}

# Words are added to the one line there is; its console on the screen gives way to one nobody looks at. What was added is noted word by word.
quiet_boot() {
    line="$(head -n 1 "$root$1")"
    new="$line"
    case " $line " in
        *" console=tty1 "*)
            new="$(printf '%s' "$new" | sed 's/console=tty1/console=tty3/')"
            put_note "console $1"
            ;;
    esac
    for word in $QUIET; do
        case " $new " in
            *" $word "*) ;;
            *)
                new="$new $word"
                put_note "word $1 $word"
                ;;
        esac
    done
    if [ "$new" != "$line" ]; then
        printf '%s\n' "$new" >"$root$1.foyer-new"
        into_firmware "$1"
        changed=$((changed + 1))
    fi
}

# The firmware's partition has no journal: what takes a file's place there must be on the card first, or the machine may not start any more.
into_firmware() {
    sync "$root$1.foyer-new"
    mv "$root$1.foyer-new" "$root$1"
    sync "$root$(dirname "$1")"
}

# The end ------------------------------------------------------------------------------------------------------------

start_programs() {
    booted || return 0
    if [ "$read_only" = yes ]; then return 0; fi
    step "starting"
    logged systemctl restart systemd-timesyncd || true
    if [ "$role" = server ]; then
        logged systemctl restart caddy.service || refuse "Caddy does not start. What it says: journalctl -u caddy -n 50"
    else
        logged systemctl restart systemd-vconsole-setup.service || true
        logged systemctl start --no-block "foyer-$(program).service"
        if [ "$role" != display ]; then logged systemctl start foyer-clock.timer || true; fi
    fi
    if [ "$role" = server ] && [ ! -e /var/lib/foyer/server/foyer.db ] && grep -q '^FOYER_DATABASE=sqlite:////var/lib/foyer/server/foyer.db' /etc/foyer/server.env; then
        # It serves nobody before it has a centre; what to do is told below.
        return 0
    fi
    if [ "$role" = server ]; then
        several="$(servers_enabled)"
        for each in ${several:-foyer-server.service}; do
            logged systemctl start "$each" || refuse "the server does not start. What it says: journalctl -u ${each%.service} -n 50"
        done
    fi
    if [ "$no_release" = no ]; then
        said="$("$root/opt/foyer/current/deploy/raspberrypi/foyer-release" health --wait 120 2>&1)" || warn "${said#foyer-release: }"
        say "  $said"
    fi
}

tell_result() {
    if [ "$changed" = 0 ]; then
        say "Everything was as it should be; nothing was changed."
    else
        say "Done. What was changed is told in /var/log/foyer-install.log; sudo $here/install.sh --undo takes it away again."
    fi
    case "$role" in
        server)
            if [ ! -e "$root/var/lib/foyer/server/foyer.db" ]; then
                say "It serves as soon as it has a centre and somebody to administer it (docs/centre-file.md; a sample: /opt/foyer/current/server/centrefile/york-house.toml):"
                say "  sudo cp our-centre.toml /etc/foyer/ && sudo foyer centre load /etc/foyer/our-centre.toml"
                say "  sudo foyer staff add ada --name \"Ada Kowalska\" --role administrator --centre our-centre"
                say "  sudo systemctl start foyer-server"
            fi
            if [ "$tls" = house ]; then say "Kiosks, displays and staff's PCs must be given /etc/foyer/house-authority.crt (--authority): only then do they know this server."; fi
            ;;
        *) say "Its screen shows a code soon. An administrator who stands before it types it on the Devices page." ;;
    esac
    if booted && [ "$changed" != 0 ]; then say "Start the machine anew once, so that the quiet start and the watchdog take effect: sudo reboot"; fi
}
