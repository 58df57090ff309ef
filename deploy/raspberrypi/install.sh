#!/bin/sh
# Turns Raspberry Pi OS Lite or Debian (64-bit, 12 or 13) into a Foyer kiosk, scan station, display or small server. The page to read: README.md.
#
# It asks what it needs, or takes it as options; it looks at the machine first and changes nothing if something is in the way; it can be run again
# to mend or upgrade (settings stay), and `--undo` takes all of it away. What it changed stands in /var/lib/foyer-install/list, so undoing
# needs no guess; what it did is told in /var/log/foyer-install.log. The parts are in installer/, each with one purpose.
# shellcheck source-path=SCRIPTDIR
set -eu

here="$(cd "$(dirname "$0")" && pwd -P)"
. "$here/installer/saying.sh"
. "$here/installer/options.sh"
. "$here/installer/machine.sh"
. "$here/installer/laying.sh"
. "$here/installer/packages.sh"
. "$here/installer/settings.sh"
. "$here/installer/authority.sh"
. "$here/installer/system.sh"
. "$here/installer/readonly.sh"
. "$here/installer/undoing.sh"

read_options "$@"
begin_log "$@"
case "$mode" in
    undo)
        undo_all
        exit 0
        ;;
    refresh)
        # A release that was switched to lays its own files. A machine without a role has nothing to lay.
        known_answers || exit 0
        lay_system
        exit 0
        ;;
esac

known_answers || true
ask_what_is_missing
check_answers
check_machine
confirm
remember_answers

step "Debian packages"
install_packages
step "users and folders"
lay_users
step "settings"
lay_settings
if [ -n "$from" ]; then
    step "the release"
    install_release
fi
step "units, rights and the console"
# The release that runs lays its own files, not the folder this was started from: the two may differ.
if [ -x "$root/opt/foyer/current/deploy/raspberrypi/install.sh" ] && [ -n "$from" ]; then
    "$root/opt/foyer/current/deploy/raspberrypi/install.sh" --refresh --root "${root:-/}" || refuse "the release could not lay its files (see above)."
else
    lay_system
fi
if [ "$read_only" = yes ]; then
    step "a card that is only read"
    make_read_only
fi
# A plug that is pulled after "Done" must find it done.
if [ -z "$root" ]; then sync; fi
start_programs
tell_result
