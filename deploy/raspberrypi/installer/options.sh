# shellcheck shell=sh
# What the machine is to be: from options, from an earlier run, or asked. `check_answers` refuses what cannot be, before anything is changed.

mode=install root='' role='' server='' name='' screen='' touch='' printer='' from='' keys='' authority='' tls='' settings_file=''
page='' turn='' read_only='' state_device='' older='' server_given='' port_given='' purge=no yes=no no_release=no interactive=no port=8000
keep='' answers=''
ANSWERS="role server name screen touch printer tls page turn read_only port"

usage() {
    cat <<'USAGE'
install.sh: turns Raspberry Pi OS Lite or Debian (64-bit) into a Foyer machine. Run it as root; without options it asks.

  --role kiosk|scan-station|display|server
  --from FILE            the release: foyer-<version>.tar.gz, with its .sig beside it
  --older                take this release although it is older than what runs
  --key FILE             believe this public key of a release too (put into /etc/foyer/release-keys)
  --server URL           https://queue.example.org: where the server is; for the server itself, how it is reached
  --name NAME            what staff call this machine
  --authority FILE       certificate of your own authority, for a server that no public authority knows (house-authority.crt)
  --yes                  do not ask
kiosk, scan-station:
  --screen 1080x1920:21.5   pixels as mounted, and the diagonal in inches
  --touch DEVICE         the touch screen, by default /dev/input/foyer-touch
  --printer network:ADDRESS|usb:VENDOR:PRODUCT|none
  --settings FILE        a whole kiosk.toml of your own instead
kiosk, scan-station, display:
  --turn 90|180|270      the panel is mounted on its side: turn the picture so many degrees clockwise, so that it stands upright
display:
  --page display|display/sign    what it shows, also with what docs/displays.md lets you add
server:
  --tls public|house|FILE,KEY    a public authority (ACME), one of its own for a closed network, or your certificate and key
  --port 8000            where the server listens behind Caddy
any:
  --read-only            the card is only read; what must be kept lies on a partition called foyer-state
  --state-device DEVICE  make that partition here (everything on it is lost)
  --undo                 take it all away again; data and settings stay unless --purge is added
  --refresh              lay the files of this release again, change nothing else
  --root DIR             below this folder instead of /: an image being built
  --no-release           without a release: files and units only
USAGE
}

read_options() {
    while [ $# -gt 0 ]; do
        case "$1" in
            --role | --from | --key | --server | --name | --authority | --screen | --touch | --printer | --settings | --page | --turn | --tls | --port | --state-device | --root)
                [ $# -ge 2 ] || refuse "$1 wants a value. See --help."
                case "$1" in
                    --role) role="$2" ;; --from) from="$2" ;; --key) keys="$2" ;; --server) server="${2%/}" server_given="${2%/}" ;; --name) name="$2" ;;
                    --authority) authority="$2" ;; --screen) screen="$2" ;; --touch) touch="$2" ;; --printer) printer="$2" ;;
                    --settings) settings_file="$2" ;; --page) page="${2#/}" ;; --turn) turn="$2" ;; --tls) tls="$2" ;; --port) port="$2" port_given="$2" ;;
                    --state-device) state_device="$2" ;; --root) root="${2%/}" ;;
                esac
                shift 2
                ;;
            --yes) yes=yes && shift ;;
            --read-only) read_only=yes && shift ;;
            --older) older=--older && shift ;;
            --undo) mode=undo && shift ;;
            --refresh) mode=refresh && shift ;;
            --purge) purge=yes && shift ;;
            --no-release) no_release=yes && shift ;;
            --help | -h) usage && exit 0 ;;
            *) refuse "there is no option $1. See --help." ;;
        esac
    done
    [ -z "$root" ] || [ -d "$root" ] || refuse "$root is no folder."
    [ -z "$root" ] || root="$(cd "$root" && pwd -P)"
    root="${root%/}"
    keep="$root/var/lib/foyer-install"
    answers="$keep/answers"
    if [ -t 0 ] && [ "$yes" = no ]; then interactive=yes; fi
}

# What was answered at an earlier run, where nothing else is said now. Fails when there was none; refuses half a file of them, for what an
# unknown role needs is nothing, and nothing is what would stay.
known_answers() {
    [ -f "$answers" ] || return 1
    while IFS='=' read -r known_name known_value; do
        case " $ANSWERS " in *" $known_name "*) ;; *) continue ;; esac
        eval "known_now=\$$known_name"
        if [ "$known_name" = role ] && [ -n "$known_now" ] && [ "$known_now" != "$known_value" ]; then
            refuse "this machine is a $known_value already. Take that away first: install.sh --undo"
        fi
        if [ -z "$known_now" ] || { [ "$known_name" = port ] && [ "$known_now" = 8000 ]; }; then eval "$known_name=\$known_value"; fi
    done <"$answers"
    [ -n "$role" ] || [ "$mode" != refresh ] || refuse "what this machine is was lost (a power cut, or a full card). Nothing was changed. Say it again: install.sh --role ROLE, with the other options of the first time."
}

remember_answers() {
    note_folder /var/lib/foyer-install
    mkdir -p "$keep" && chmod 0700 "$keep"
    for each in $ANSWERS; do
        eval "printf '%s=%s\n' \"\$each\" \"\$$each\""
    done >"$answers.new"
    sync "$answers.new"
    mv "$answers.new" "$answers"
}

ask_what_is_missing() {
    [ "$interactive" = yes ] || return 0
    [ -n "$role" ] || ask role "What is this machine to be (kiosk, scan-station, display, server)?" kiosk
    if [ -z "$from" ] && [ "$no_release" = no ] && [ ! -e "$root/opt/foyer/current" ]; then ask from "The release file" "$(newest_release)"; fi
    if [ "$role" = server ]; then
        [ -n "$server" ] || ask server "How is this server reached?" "https://$(uname -n)"
        [ -n "$tls" ] || ask tls "Who vouches for it: public (an authority on the internet), house (its own, for a closed network), or CERTIFICATE,KEY?" "$(likely_tls)"
        return 0
    fi
    [ -n "$server" ] || ask server "Where is the server?" "https://"
    if [ -z "$authority" ] && [ ! -f "$root/etc/foyer/house-authority.crt" ]; then ask authority "Certificate of your own authority, if the server has one from it (empty: none)" ""; fi
    case "$role" in
        kiosk | scan-station)
            if [ -z "$settings_file" ] && [ ! -s "$root/etc/foyer/kiosk.toml" ]; then
                [ -n "$name" ] || ask name "What do staff call it?" "Kiosk by the door"
                [ -n "$screen" ] || ask screen "Screen as people see it, WIDTHxHEIGHT:INCHES (upright, write the smaller number first)" "$(found_screen)"
                [ -n "$turn" ] || ask turn "How is its panel mounted: by how many degrees clockwise must the picture be turned (0, 90, 180, 270)?" "$(likely_turn)"
                [ -n "$printer" ] || ask printer "Printer: network:ADDRESS, usb:VENDOR:PRODUCT or none" "none"
            fi
            ;;
        display)
            [ -n "$page" ] || ask page "Which page (display, display/sign)?" display
            if [ -z "$name" ] && [ ! -s "$root/etc/foyer/display.env" ]; then ask name "What do staff call it?" "$(uname -n)"; fi
            ;;
    esac
}

newest_release() {
    newest=''
    for each in ./foyer-*.tar.gz ./foyer-*.tar.zst; do [ -f "$each" ] && newest="$each"; done
    echo "$newest"
}

likely_tls() {
    case "$server" in
        *.local | *.lan | *.internal | *.home.arpa | https://[0-9]*.[0-9]*.[0-9]*.[0-9]*) echo house ;;
        https://*.*) echo public ;;
        *) echo house ;;
    esac
}

# The first connected screen's own size and its EDID's, as a suggestion.
found_screen() {
    for each in /sys/class/drm/card*-*; do
        [ "$(cat "$each/status" 2>/dev/null)" = connected ] || continue
        found_mode="$(head -n 1 "$each/modes" 2>/dev/null)"
        case "$found_mode" in *x*) ;; *) continue ;; esac
        # shellcheck disable=SC2046 # two numbers: width and height in centimetres
        set -- $(od -An -tu1 -j21 -N2 "$each/edid" 2>/dev/null) 0 0
        echo "$found_mode:$(awk -v w="$1" -v h="$2" 'BEGIN { printf "%.1f", (w && h) ? sqrt(w * w + h * h) / 2.54 : 21.5 }')"
        return
    done
    echo 1080x1920:21.5
}

# A panel's own picture is wide and people are to see a high one, or the other way round: it stands on its side.
likely_turn() {
    likely_seen="${screen%:*}" likely_own="$(found_screen)"
    case "$likely_own:$likely_seen" in *x*:*x*) likely_own="${likely_own%:*}" ;; *) echo 0 && return ;; esac
    if [ "$likely_seen" = "${likely_own#*x}x${likely_own%x*}" ] && [ "$likely_own" != "$likely_seen" ] && has_panel; then echo 90; else echo 0; fi
}

has_panel() { grep -qx connected /sys/class/drm/card*-*/status 2>/dev/null; }

check_answers() {
    case "$role" in
        kiosk | scan-station | display | server) ;;
        '') refuse "say what this machine is to be: --role kiosk, scan-station, display or server." ;;
        *) refuse "there is no role $role. There are kiosk, scan-station, display and server." ;;
    esac
    if [ "$no_release" = no ] && [ -z "$from" ] && [ ! -e "$root/opt/foyer/current" ]; then
        refuse "say which release: --from foyer-<version>.tar.gz (its .sig lies beside it)."
    fi
    case "$server" in
        https://?*) ;;
        http://?*) [ "$role" != server ] || refuse "$server would be without TLS. Write https://...; for a closed network there is --tls house." ;;
        '') refuse "say where the server is: --server https://queue.example.org" ;;
        *) refuse "$server is no address. Write it like https://queue.example.org" ;;
    esac
    case "$server" in *[!A-Za-z0-9.:/_-]* | *\?* | *\#*) refuse "$server holds signs that an address of a server has not. Write it like https://queue.example.org" ;; esac
    case "$name$server$page$printer$touch$screen" in *[[:cntrl:]]*) refuse "an answer is one line." ;; esac
    case "$name" in *[\"\\]*) refuse "a name cannot hold \" or \\." ;; esac
    [ ${#name} -le 60 ] || refuse "the name may have 60 letters at most."
    case "$port" in '' | *[!0-9]* | ??????*) refuse "$port is no port." ;; esac
    [ "$port" -ge 1024 ] && [ "$port" -le 65535 ] || refuse "--port is one from 1024 to 65535, not $port."
    [ -n "$tls" ] || tls="$(likely_tls)"
    case "$tls" in
        public | house) ;;
        /*,/*) for each in "${tls%,*}" "${tls#*,}"; do [ "$role" != server ] || [ -r "$root$each" ] || refuse "$each cannot be read. --tls wants public, house, or CERTIFICATE,KEY."; done ;;
        *) refuse "--tls is public, house, or CERTIFICATE,KEY: two whole paths with a comma between them." ;;
    esac
    case "$turn" in '' | 0 | 90 | 180 | 270) ;; *) refuse "--turn is 90, 180 or 270." ;; esac
    [ "$turn" != 0 ] || turn=''
    for each in "$from" "$authority" "$settings_file" "$keys"; do
        [ -z "$each" ] || [ -r "$each" ] || refuse "$each cannot be read."
    done
    [ -z "$keys" ] || grep -q '"public"' "$keys" || refuse "$keys is no public key of releases (the .json file that foyer releases make-key writes; never the .pem)."
    [ -z "$authority" ] || grep -q 'BEGIN CERTIFICATE' "$authority" || refuse "$authority is no certificate (PEM)."
    [ "$role" != display ] || [ -n "$page" ] || page=display
    check_authority_name
    check_kiosk_answers
}

# Says its millimetres if they are fewer than visitors need (SMALLEST_LYING_MM in kiosk/config.py); nothing otherwise. Only a new kiosk is refused for them: where
# its settings are there already, or are given as a file, the kiosk serves and tells staff.
small_screen() {
    small_pixels="${1%:*}"
    awk -v w="${small_pixels%x*}" -v h="${small_pixels#*x}" -v inches="${1#*:}" 'BEGIN {
        d = sqrt(w * w + h * h) / 25.4 / inches
        if (d > 0 && (w / d < (h >= w ? 190 : 215) || h / d < (h >= w ? 300 : 134))) printf "%.0f x %.0f", w / d, h / d
    }'
}

# The house's own authority can vouch for the one name it was made for.
check_authority_name() {
    [ "$role:$tls" = server:house ] && [ -s "$root/etc/foyer/authority/house-authority.crt" ] || return 0
    vouched="$(openssl x509 -in "$root/etc/foyer/authority/house-authority.crt" -noout -subject 2>/dev/null | sed -n 's/.*Foyer authority of //p')"
    [ -z "$vouched" ] || [ "$vouched" = "$(host_of "$server")" ] ||
        refuse "the authority in /etc/foyer/authority vouches for $vouched only. For another name move that folder away and run this again; every kiosk, display and PC must then be given the new one's certificate."
}

check_kiosk_answers() {
    case "$role" in kiosk | scan-station) ;; *) return 0 ;; esac
    if [ -n "$settings_file" ] || [ -s "$root/etc/foyer/kiosk.toml" ]; then return 0; fi
    [ -n "$name" ] || name=Kiosk
    [ -n "$screen" ] || screen="$(found_screen)"
    [ -n "$touch" ] || touch=/dev/input/foyer-touch
    [ -n "$printer" ] || printer=none
    echo "$screen" | grep -Eq '^[0-9]{3,4}x[0-9]{3,4}:[0-9]{1,2}(\.[0-9]+)?$' || refuse "--screen is written WIDTHxHEIGHT:INCHES, like 1080x1920:21.5, not $screen."
    too_small="$(small_screen "$screen")"
    [ -z "$too_small" ] || refuse "a screen of $too_small mm is too small for visitors' fingers and eyes. The smallest that works is 215 x 134 mm lying (10.1 inch, 16:10) or 190 x 300 mm upright (15.6 inch)."
    case "$printer" in
        none | network:?*) ;;
        usb:*) echo "$printer" | grep -Eqi '^usb:[0-9a-f]{4}:[0-9a-f]{4}$' || refuse "--printer usb:VENDOR:PRODUCT is written as lsusb shows it, like usb:0416:5011." ;;
        *) refuse "--printer is network:ADDRESS, usb:VENDOR:PRODUCT or none, not $printer." ;;
    esac
    case "$printer$touch" in *[\"\\]*) refuse "a device's name cannot hold \" or \\." ;; esac
}

summary() {
    say "This machine becomes: $role${name:+, called “$name”}"
    say "  server    $server$([ "$role" = server ] && echo ", certificate: $tls")"
    case "$role" in kiosk | scan-station) [ -z "$screen" ] || say "  screen    $screen${turn:+ turned by $turn°}, touch $touch, printer $printer" ;; esac
    [ -z "$from" ] || say "  release   $from"
    [ "$read_only" != yes ] || say "  card      only read; what is kept lies on a partition called foyer-state"
}
