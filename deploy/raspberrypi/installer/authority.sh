# shellcheck shell=sh
# An authority of the house's own, for networks that no public one reaches. It can vouch for this one name only, so whoever trusts it lends nobody
# the rest of the internet; and it lies in /etc/foyer, so a server that is set up anew from its backup is trusted as before. Caddy issues with a
# certificate below it; that one is made anew here when less than a year of it is left.
#
# Both are valid from the day before this release was made: made by a clock that is ahead, they would be worth nothing once it is set right. What such a clock
# left behind (an authority of an earlier release, a certificate that Caddy issued) is made anew.
make_house_authority() {
    own=/etc/foyer/authority
    note_folder "$own"
    authority_host="$(host_of "$server")"
    case "$authority_host" in
        *[!0-9.]*) authority_for="DNS:$authority_host" ;;
        *) authority_for="IP:$authority_host/255.255.255.255" ;;
    esac
    limits="keyUsage=critical,keyCertSign,cRLSign
nameConstraints=critical,permitted;$authority_for"
    if begins_later "$root$own/house-authority.crt"; then
        warn "the authority's certificate was made while the clock was ahead, and is not valid yet. It is made anew on its key: give /etc/foyer/house-authority.crt to kiosks, displays and PCs again (--authority)."
        rm -f "$root$own/house-authority.crt"
    fi
    # Each is made beside and put in place whole: half a key or certificate, from a power cut or a full card, is made anew by the next run.
    if [ ! -s "$root$own/house-authority.key" ] || [ ! -s "$root$own/house-authority.crt" ]; then
        if [ ! -s "$root$own/house-authority.key" ]; then
            new_key house-authority
            key_in_place house-authority
        fi
        certificate house-authority "$root$own/house-authority.key" "Foyer authority of $authority_host" 1 5475 -selfsign
        mv "$root$own/making/made.crt" "$root$own/house-authority.crt"
        rm -f "$root$own/issuing.crt"
        put_note "setting $own/house-authority.crt"
    fi
    if [ ! -s "$root$own/issuing.crt" ] || ! openssl x509 -in "$root$own/issuing.crt" -noout -checkend 31536000 >/dev/null || begins_later "$root$own/issuing.crt"; then
        new_key issuing
        certificate issuing "$root$own/issuing.key.new" "Foyer of $authority_host" 0 1825 -cert "$root$own/house-authority.crt"
        key_in_place issuing
        mv "$root$own/making/made.crt" "$root$own/issuing.crt"
        put_note "setting $own/issuing.crt"
        changed=$((changed + 1))
    fi
    rm -rf "$root$own/making"
    drop_what_begins_later
    chmod 0644 "$root$own/house-authority.crt" "$root$own/issuing.crt"
    # Caddy reads them as its own user.
    if [ -z "$root" ] && getent group caddy >/dev/null; then
        chown root:caddy "$own" "$own/house-authority.key" "$own/issuing.key"
        chmod 0640 "$own/house-authority.key" "$own/issuing.key"
    fi
    chmod 0755 "$root$own"
    lay /etc/foyer/house-authority.crt 0644 <"$root$own/house-authority.crt"
}

# certificate NAME KEY SUBJECT PATHLEN DAYS OPTION...: made.crt for this key, signed by the authority's.
certificate() {
    made_what="$1" made_key="$2" made_name="$3" made_depth="$4" made_days="$5"
    shift 5
    release_made
    if [ "$made" -gt "$(date +%s)" ]; then made="$(date +%s)"; fi
    making="$root$own/making"
    rm -rf "$making"
    mkdir -m 0700 "$making"
    : >"$making/index.txt"
    cat >"$making/made.cnf" <<CNF
[req]
distinguished_name=n
prompt=no
[n]
CN=$made_name
[ca]
default_ca=c
[c]
database=$making/index.txt
new_certs_dir=$making
rand_serial=yes
default_md=sha256
policy=p
[p]
CN=supplied
[e]
basicConstraints=critical,CA:TRUE,pathlen:$made_depth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
$limits
CNF
    { logged openssl req -new -key "$made_key" -config "$making/made.cnf" -out "$making/made.csr" &&
        logged openssl ca -batch -notext -config "$making/made.cnf" -extensions e -keyfile "$root$own/house-authority.key" "$@" \
            -startdate "$(date -u -d "@$((made - 86400))" +%Y%m%d%H%M%SZ)" -days "$made_days" -in "$making/made.csr" -out "$making/made.crt"; } ||
        refuse "the certificate $made_what could not be made (see above)."
}

begins_later() {
    [ -s "$1" ] || return 1
    later="$(openssl x509 -in "$1" -noout -startdate 2>/dev/null | cut -d= -f2)"
    [ -n "$later" ] && [ "$(date -d "$later" +%s)" -gt "$(date +%s)" ]
}

# What Caddy issued while the clock was ahead it would keep until it ends: it looks at the end of a certificate, not at its beginning.
drop_what_begins_later() {
    for each in "$root"/var/lib/caddy/.local/share/caddy/certificates/*/*/*.crt; do
        if begins_later "$each"; then
            note "took $each away: it is not valid yet"
            rm -f "$each" "${each%.crt}.key" "${each%.crt}.json"
            changed=$((changed + 1))
        fi
    done
}

new_key() {
    (umask 077 && logged openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$root$own/$1.key.new") || refuse "a key could not be made (see above)."
}

key_in_place() {
    mv "$root$own/$1.key.new" "$root$own/$1.key"
    put_note "setting $own/$1.key"
}
