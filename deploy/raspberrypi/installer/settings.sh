# shellcheck shell=sh
# Settings of this machine (/etc/foyer) and the release it runs. Settings are written once; after that they belong to whoever runs the machine.

host_of() {
    host="${1#*://}"
    host="${host%%/*}"
    case "$host" in *]*) ;; *:*) host="${host%:*}" ;; esac
    echo "$host"
}

origin_of() {
    origin_rest="${1#*://}"
    echo "${1%%://*}://${origin_rest%%/*}"
}

lay_settings() {
    if [ -n "$keys" ]; then lay_key; fi
    if [ -n "$authority" ]; then lay /etc/foyer/house-authority.crt 0644 <"$authority"; fi
    case "$role" in
        kiosk | scan-station) lay_kiosk_settings ;;
        display) lay_display_settings ;;
        server) lay_server_settings ;;
    esac
    trust_authority
}

# Under a name that is read (`*.json`) and that no other key has: a second one of the same name takes no first one's place, and both are believed.
lay_key() {
    key_stem="$(basename "$keys")"
    key_stem="/etc/foyer/release-keys/${key_stem%.json}"
    key_place="$key_stem.json"
    if [ -s "$root$key_place" ] && ! cmp -s "$keys" "$root$key_place"; then key_place="$key_stem-$(sha256sum <"$keys" | cut -c1-8).json"; fi
    lay_once "$key_place" 0644 <"$keys"
}

# What is written once stays; whoever says something else now is told where it is changed.
tell_what_stays() {
    if [ -n "$server_given" ] && [ -s "$root$1" ] && ! grep -qF "$server" "$root$1"; then
        warn "$1 stays as it is, and does not say $server. Change it there, then: sudo systemctl restart foyer-$(program)"
    fi
}

lay_kiosk_settings() {
    if [ -n "$settings_file" ]; then
        noted "setting /etc/foyer/kiosk.toml" || [ -e "$root/etc/foyer/kiosk.toml" ] || put_note "setting /etc/foyer/kiosk.toml"
        note_folder /etc/foyer
        if ! cmp -s "$settings_file" "$root/etc/foyer/kiosk.toml"; then
            cp "$settings_file" "$root/etc/foyer/kiosk.toml.foyer-new"
            chmod 0644 "$root/etc/foyer/kiosk.toml.foyer-new"
            mv "$root/etc/foyer/kiosk.toml.foyer-new" "$root/etc/foyer/kiosk.toml"
            changed=$((changed + 1))
        fi
    else
        kiosk_toml | lay_once /etc/foyer/kiosk.toml 0644
    fi
    tell_what_stays /etc/foyer/kiosk.toml
    origin_of "$server" | lay /etc/foyer/time-from 0644
}

# Millimetres of the lit area from its diagonal: near enough to begin with; measured ones are better (README.md).
kiosk_toml() {
    pixels="${screen%:*}"
    set -- $(awk -v w="${pixels%x*}" -v h="${pixels#*x}" -v inches="${screen#*:}" 'BEGIN { d = sqrt(w * w + h * h); printf "%.1f %.1f", w / d * inches * 25.4, h / d * inches * 25.4 }')
    cat <<TOML
# This kiosk. Written by install.sh; from now on it is yours. What else can be set: deploy/raspberrypi/examples of the release.
# After a change: sudo systemctl restart foyer-kiosk

name = "$name"
server = "$server"
state = "/var/lib/foyer/kiosk"

[panel]                                 # the screen as mounted; millimetres are of the lit area: measure them
width = ${pixels%x*}
height = ${pixels#*x}
width_mm = $1
height_mm = $2
touch_device = "$touch"
TOML
    [ -z "$turn" ] || echo "turn = $turn                               # degrees clockwise, so that the picture stands upright; touches are turned with it"
    case "$printer" in
        none) ;;
        network:*) printf '\n[printer]\ntype = "network"\naddress = "%s"\n' "${printer#network:}" ;;
        usb:*) printf '\n[printer]\ntype = "usb"\naddress = "%s"\n' "${printer#usb:}" ;;
    esac
    if [ "$role" = scan-station ]; then
        cat <<'TOML'

[plate]                                 # what takes pictures of papers: docs/scan-station.md
type = "v4l2"                           # v4l2 (USB), rpicam (a Raspberry Pi's own), or sane
address = "/dev/video0"                 # better a name that stays: ls /dev/v4l/by-id
first = true
TOML
    fi
}

lay_display_settings() {
    {
        echo "# This display. Written by install.sh; from now on it is yours. After a change: sudo systemctl restart foyer-display"
        echo "# What can be added to the address: docs/displays.md"
        echo "FOYER_DISPLAY_URL=$server/$page"
        echo "FOYER_DISPLAY_TURN=$turn"
        echo "# What staff call it; its safe page says so. Without, the name of the machine."
        echo "FOYER_DISPLAY_NAME=\"$name\""
    } | lay_once /etc/foyer/display.env 0644
    tell_what_stays /etc/foyer/display.env
    origin_of "$server" | lay /etc/foyer/time-from 0644
}

lay_server_settings() {
    {
        echo "# This server. Written by install.sh; from now on it is yours. All settings: docs/operations.md."
        echo "# Secrets do not belong here: put each into a file of its own in /etc/foyer/credentials, named like the setting (smtp_password),"
        echo "# and run install.sh --refresh. After a change: sudo systemctl restart foyer-server"
        echo "FOYER_DATABASE=sqlite:////var/lib/foyer/server/foyer.db"
        echo "FOYER_DATA=/var/lib/foyer/server"
        echo "FOYER_RELEASES=/var/lib/foyer/server/releases"
        echo "FOYER_HOST=127.0.0.1"
        echo "FOYER_PORT=$port"
        echo "FOYER_PUBLIC_URL=$server"
        echo "FOYER_TRUSTED_PROXIES=127.0.0.1"
    } | lay_once /etc/foyer/server.env 0600
    tell_what_stays /etc/foyer/server.env
    # The server listens where its settings say; the proxy must find it there.
    port_said="$(sed -n 's/^FOYER_PORT=\([0-9][0-9]*\)$/\1/p' "$root/etc/foyer/server.env" | tail -n 1)"
    if [ -n "$port_said" ] && [ "$port_said" != "$port" ]; then
        [ -z "$port_given" ] || warn "/etc/foyer/server.env says $port_said, so --port $port was not taken. To change it, write it there and run this again."
        port="$port_said"
        remember_answers
    fi
    [ "$tls" != house ] || make_house_authority
    lay_caddy
}

lay_caddy() {
    note_folder /etc/caddy/foyer.d
    caddy_host="${server#https://}"
    caddy_global='' caddy_tls=''
    case "$tls" in
        house)
            caddy_global="	pki {
		ca house {
			name \"Foyer's own authority\"
			root {
				cert /etc/foyer/authority/house-authority.crt
				key /etc/foyer/authority/house-authority.key
			}
			intermediate {
				cert /etc/foyer/authority/issuing.crt
				key /etc/foyer/authority/issuing.key
			}
		}
	}"
            # A month, renewed long before its end: a machine whose clock is some days off still finds it valid.
            caddy_tls="	tls {
		issuer internal {
			ca house
			lifetime 30d
		}
	}"
            ;;
        *,*) caddy_tls="	tls \"${tls%,*}\" \"${tls#*,}\"" ;;
    esac
    sed -n '1,$p' "$here/caddy/Caddyfile" | CADDY_GLOBAL="$caddy_global" CADDY_TLS="$caddy_tls" CADDY_SITE="https://$caddy_host" CADDY_PORT="$port" awk '
        /^@GLOBAL@$/ { if (ENVIRON["CADDY_GLOBAL"] != "") print ENVIRON["CADDY_GLOBAL"]; next }
        /^@TLS@$/ { if (ENVIRON["CADDY_TLS"] != "") print ENVIRON["CADDY_TLS"]; next }
        { sub(/@SITE@/, ENVIRON["CADDY_SITE"]); sub(/@PORT@/, ENVIRON["CADDY_PORT"]); print }' | lay /etc/caddy/Caddyfile 0644
    if [ -z "$root" ] && command -v caddy >/dev/null; then
        logged caddy validate --adapter caddyfile --config /etc/caddy/Caddyfile || refuse "Caddy does not take its settings (see above). If they are yours, in /etc/caddy/foyer.d, mend them and run this again."
    fi
}

trust_authority() {
    [ -f "$root/etc/foyer/house-authority.crt" ] || return 0
    lay /usr/local/share/ca-certificates/foyer-house-authority.crt 0644 <"$root/etc/foyer/house-authority.crt"
    if [ -z "$root" ]; then
        logged update-ca-certificates || warn "the authority's certificate could not be added to the system's."
        put_note "trusted authority"
    fi
}

# shellcheck disable=SC2086 # one option or none
install_release() {
    releases="$here/foyer-release"
    # The key stands in /etc/foyer/release-keys by now.
    said="$("$releases" --root "${root:-/}" install "$from" $older 2>&1)" || refuse "${said#foyer-release: }"
    note "$said"
    version="$(printf '%s' "$said" | sed -n 's/ is installed\..*//p' | tail -n 1)"
    said="$("$releases" --root "${root:-/}" switch "$version" $older 2>&1)" || refuse "${said#foyer-release: }"
    say "  $said"
}
