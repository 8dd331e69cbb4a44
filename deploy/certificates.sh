#!/bin/sh
# Makes certificates to start with: an authority of your own, the broker's
# certificate, and one for each car. Run it again with more VINs; what exists
# stays. A fleet that already has an authority needs none of this.
#
#   deploy/certificates.sh FOLDER HOST [VIN ...]
set -eu
if [ $# -lt 2 ]; then
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
folder=$1 host=$2
shift 2
mkdir -p "$folder"
cd "$folder"
umask 022
key() { [ -e "$1" ] || (umask 077 && openssl ecparam -name prime256v1 -genkey -noout -out "$1"); }

key ca-key.pem
[ -e cars-ca.pem ] || openssl req -x509 -new -key ca-key.pem -days 3650 -subj "/CN=pitcrew authority" -out cars-ca.pem
cp cars-ca.pem broker-ca.pem

# issue NAME KEY CERTIFICATE EXTENSIONS
issue() {
    [ -e "$3" ] && return
    key "$2"
    extensions=$(mktemp)
    printf '%s\n' "$4" >"$extensions"
    openssl req -new -key "$2" -subj "/CN=$1" |
        openssl x509 -req -CA cars-ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -extfile "$extensions" -out "$3"
    rm -f "$extensions"
}
issue "$host" key.pem cert.pem "subjectAltName=DNS:$host,DNS:localhost,DNS:mosquitto,IP:127.0.0.1"
for vin in "$@"; do
    issue "$vin" "$vin-key.pem" "$vin.pem" "extendedKeyUsage=clientAuth"
done
