# shellcheck shell=sh
# A card that is only read: the root stands under an overlay in memory (Debian's overlayroot), so a pulled plug can harm nothing there. What must be kept
# lies on a partition of its own, labelled foyer-state: releases, settings, journals, the clock's last time. An update of Foyer therefore never
# touches the root; only Debian's own updates and a release's changed units do, and for these the lower root is opened for seconds (read-only).
#
# Where that partition comes from: it is there (our card image has it), or --state-device names one, or the card has room behind its last partition.

STATE=/var/lib/foyer
KEPT_FOLDERS="opt/foyer etc/foyer var/lib/systemd/timesync"

make_read_only() {
    if [ -n "$root" ]; then
        # An image brings its partition; here only the files are laid.
        lay_read_only_files
        return 0
    fi
    if findmnt -n "$STATE" >/dev/null 2>&1 && grep -q '^# Foyer begins' /etc/fstab; then
        lay_read_only_files
        return 0
    fi
    state_part="$(find_state_partition)"
    [ -n "$state_part" ] || refuse "there is no partition labelled foyer-state, and no room of 1 GB behind the last one on the card. Name a device with --state-device (a USB stick will do), or write our card image (image/README.md). All else is installed and works."
    is_installed overlayroot || {
        logged apt-get update || true
        before="$(mktemp)"
        installed_packages >"$before"
        logged env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends overlayroot || refuse "overlayroot could not be installed (see above)."
        installed_packages | comm -13 "$before" - | while read -r each; do put_note "package $each"; done
        rm -f "$before"
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

# What is kept moves there; what lies below stays on the root as it was, so that going back needs nothing but the old fstab.
move_state() {
    place="$(mktemp -d)"
    logged mount "$1" "$place" || refuse "$1 could not be mounted (see above)."
    logged cp -a "$STATE/." "$place/"
    for each in $KEPT_FOLDERS; do
        mkdir -p "$place/.machine/$each"
        if [ -d "/$each" ]; then logged cp -a "/$each/." "$place/.machine/$each/"; fi
    done
    chmod 0755 "$place/.machine"
    umount "$place"
    rmdir "$place"
}

lay_read_only_files() {
    fstab="$root/etc/fstab"
    [ -e "$fstab" ] || : >"$fstab"
    if ! grep -q '^# Foyer begins' "$fstab"; then
        keep_what_was /etc/fstab
        {
            echo "# Foyer begins"
            echo "LABEL=foyer-state $STATE ext4 defaults,noatime,nodev,nosuid,commit=30,errors=remount-ro,x-systemd.device-timeout=30s 0 2"
            for each in $KEPT_FOLDERS; do
                case "$each" in opt/*) flags=bind ;; *) flags=bind,nofail ;; esac
                echo "$STATE/.machine/$each /$each none $flags,x-systemd.requires-mounts-for=$STATE 0 0"
            done
            echo "# Foyer ends"
        } >>"$fstab"
        # The firmware's partition has no journal: it is written only while read-only is lifted.
        sed -i 's|^\([^#][^ \t]*[ \t]\{1,\}/boot/firmware[ \t]\{1,\}vfat[ \t]\{1,\}\)defaults|\1defaults,ro|' "$fstab"
        changed=$((changed + 1))
    fi
    printf '# Foyer: the root under an overlay in memory; what fstab mounts besides stays as it is there.\noverlayroot="tmpfs:swap=0,recurse=0"\n' | lay /etc/overlayroot.local.conf
}

undo_read_only() {
    step "the card can be written again"
    rm -f "$root/etc/overlayroot.local.conf"
    if [ -z "$root" ] && findmnt -n "$STATE" >/dev/null 2>&1; then
        # What lies on the partition comes back to the root.
        place="$(mktemp -d)"
        mount --bind / "$place"
        logged cp -a "$STATE/." "$place$STATE/"
        for each in $KEPT_FOLDERS; do
            mkdir -p "$place/$each"
            logged cp -a "/$each/." "$place/$each/" || true
        done
        rm -rf "$place$STATE/.machine"
        umount "$place"
        rmdir "$place"
        for each in $KEPT_FOLDERS; do umount "/$each" 2>/dev/null || true; done
        umount "$STATE" 2>/dev/null || warn "$STATE is still in use; the partition is let go at the next start."
        logged update-initramfs -u -k all || true
    fi
}
