# shellcheck shell=sh
# A card that is only read: the root stands under an overlay in memory (Debian's overlayroot), so a pulled plug can harm nothing there. What must be kept
# lies on a partition of its own, labelled foyer-state: releases, settings, journals, the clock's last time. An update of Foyer therefore never
# touches the root; only Debian's own updates and a release's changed units do, and for these the lower root is opened for seconds (read-only).
#
# Where that partition comes from: it is there (our card image has it), or --state-device names one, or the card has room behind its last partition.

STATE=/var/lib/foyer
KEPT_FOLDERS="opt/foyer etc/foyer var/lib/systemd/timesync"

make_read_only() {
    # An image being built brings its partition (image/); here only the files are laid. Likewise where it is in use already.
    if ! booted || findmnt -n "$STATE" >/dev/null 2>&1; then
        lay_read_only_files
        return 0
    fi
    state_part="$(find_state_partition)"
    [ -n "$state_part" ] || refuse "there is no partition labelled foyer-state, and no room of 1 GB behind the last one on the card. Name a device with --state-device (a USB stick will do), or write our card image (image/README.md). All else is installed and works."
    # Without busybox what starts the system has no grep, and overlayroot gives up with a line nobody sees: the card would be written as ever.
    { is_installed overlayroot && { is_installed busybox || is_installed busybox-static; }; } || {
        logged apt-get update || true
        bring_packages overlayroot busybox || refuse "overlayroot could not be installed (see above). All else is installed and works; run this again when that is mended."
    }
    if booted; then logged systemctl stop "foyer-$(program).service" || true; fi
    move_state "$state_part"
    lay_read_only_files
    logged update-initramfs -u -k all || refuse "the start of the system could not be prepared (see above). The card is still written as before."
    say "  from the next start the card is only read; sudo $here/read-only off lifts that"
}

find_state_partition() {
    if [ -n "$state_device" ]; then
        logged mkfs.ext4 -q -F -L foyer-state "$state_device" || return 0
        echo "$state_device"
        return 0
    fi
    found="$(blkid -L foyer-state 2>/dev/null || true)"
    [ -n "$found" ] || found="$(room_behind_root)"
    echo "$found"
}

# A new partition in what is left of the card that the root is on; nothing when that is less than 1 GB.
room_behind_root() {
    root_part="$(findmnt -n -o SOURCE /)"
    disk="/dev/$(lsblk -n -d -o PKNAME "$root_part" 2>/dev/null)"
    [ -b "$disk" ] || return 0
    left="$(sfdisk --list-free --quiet --bytes "$disk" 2>/dev/null | awk 'NR > 1 { size = $4 } END { print int(size / 1048576) }')"
    [ "${left:-0}" -ge 1024 ] || return 0
    known="$(lsblk -n -l -o PATH "$disk" | sort)"
    printf ',,L\n' | sfdisk --append --no-reread --quiet "$disk" >>"$log" 2>&1 || return 0
    logged partx --update "$disk" || true
    printf '%s\n' "$known" >"$keep/partitions.before"
    fresh="$(lsblk -n -l -o PATH "$disk" | sort | comm -13 "$keep/partitions.before" - | head -n 1)"
    rm -f "$keep/partitions.before"
    [ -b "$fresh" ] || return 0
    logged mkfs.ext4 -q -L foyer-state "$fresh" || return 0
    put_note "partition $fresh"
    echo "$fresh"
}

# What is kept moves there; what lies below stays on the root as it was, so that going back needs nothing but these mounts gone.
move_state() {
    place="$(mktemp -d)"
    logged mount "$1" "$place" || refuse "$1 could not be mounted (see above)."
    moved=yes
    logged cp -a "$STATE/." "$place/" || moved=no
    # All else foyer-state.service brings there at the next start, as on a card from an image.
    rm -rf "$place/.machine"
    umount "$place" || moved=no
    rmdir "$place" || true
    [ "$moved" = yes ] || {
        if booted; then logged systemctl start --no-block "foyer-$(program).service" || true; fi
        refuse "what is kept could not all be copied to $1 (see above). The card is written as before, and everything runs from it; take a larger partition and run this again."
    }
}

# Wanted and not required by the start: a start without them ends with the safe page and not in systemd's emergency mode, where a screen is black. Foyer's
# programs require them (RequiresMountsFor=): what lies below on the root is of the day the card was made, and numbers from there would be given out twice.
# Units and not lines of fstab: those who build images write fstab themselves, last of all.
lay_read_only_files() {
    {
        echo "# What is kept while the card is only read (install.sh --read-only)."
        mount_unit "$STATE" /dev/disk/by-label/foyer-state ext4 noatime,nodev,nosuid,commit=30,errors=remount-ro
        echo "[Install]"
        echo "WantedBy=local-fs.target"
    } | lay "/etc/systemd/system/$(unit_of "$STATE")"
    enable "$(unit_of "$STATE")"
    for each in $KEPT_FOLDERS; do
        {
            mount_unit "/$each" "$STATE/.machine/$each" none bind
            echo "[Install]"
            echo "WantedBy=local-fs.target"
        } | lay "/etc/systemd/system/$(unit_of "/$each")"
        enable "$(unit_of "/$each")"
    done
    # The firmware's partition has no journal: it is written only while read-only is lifted.
    if [ -d "$root/boot/firmware" ]; then printf '[Mount]\nOptions=defaults,ro\n' | lay /etc/systemd/system/boot-firmware.mount.d/foyer.conf; fi
    printf '# Foyer: the root under an overlay in memory; what is mounted besides stays as it is there.\noverlayroot="tmpfs:swap=0,recurse=0"\n' | lay /etc/overlayroot.local.conf
}

unit_of() { echo "$1.mount" | sed 's|^/||; s|/|-|g'; }

# mount_unit WHERE WHAT TYPE OPTIONS
mount_unit() {
    echo "[Unit]"
    echo "Description=What Foyer keeps: $1"
    echo "Documentation=file:///opt/foyer/current/docs/raspberry-pi.md"
    if [ "$3" != none ]; then
        checked="systemd-fsck@dev-disk-by\\x2dlabel-foyer\\x2dstate.service"
        printf '%s\n' "Requires=$checked" "After=$checked" "JobTimeoutSec=60"
    else
        printf '%s\n' "Requires=foyer-state.service" "After=foyer-state.service"
    fi
    echo "Before=local-fs.target"
    echo "[Mount]"
    printf '%s\n' "What=$2" "Where=$1" "Type=$3" "Options=$4"
}

undo_read_only() {
    step "the card can be written again"
    if [ -z "$root" ] && findmnt -n "$STATE" >/dev/null 2>&1; then
        # What lies on the partition comes back to the root.
        place="$(mktemp -d)"
        mount --bind / "$place"
        copied=yes
        # All of it or nothing is let go of: journals that were not handed over are here only.
        (cd "$STATE" && find . -mindepth 1 -maxdepth 1 ! -name .machine -exec cp -a -t "$place$STATE" {} +) >>"$log" 2>&1 || copied=no
        for each in $KEPT_FOLDERS; do
            if [ "$copied" = yes ] && mountpoint -q "/$each"; then
                mkdir -p "$place/$each"
                logged cp -a "/$each/." "$place/$each/" || copied=no
            fi
        done
        umount "$place"
        rmdir "$place"
        [ "$copied" = yes ] || refuse "what is kept on the partition could not all be copied back to the card (is it full?). Nothing was let go of: make room and say --undo again."
        for each in $KEPT_FOLDERS; do umount "/$each" 2>/dev/null || true; done
        umount "$STATE" 2>/dev/null || warn "$STATE is still in use; the partition is let go at the next start."
    fi
    # Last: as long as it is there, undoing that was cut off begins here again.
    rm -f "$root/etc/overlayroot.local.conf"
    if [ -z "$root" ]; then logged update-initramfs -u -k all || true; fi
}
