#!/usr/bin/env bash
# Prepares this folder for `docker compose up`: random secrets and a .env. Never overwrites either.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Compose shows a secret to the container with the file's own owner and mode, and Odoo does not run
# as root there: the files are readable, the folder around them only by you.
umask 022
mkdir -p secrets
chmod 700 secrets

make_secret() {
    local file=secrets/$1 value=$2
    if [ -s "$file" ]; then
        echo "kept     $file"
    else
        printf '%s\n' "$value" >"$file"
        chmod 444 "$file"
        echo "created  $file"
    fi
}

random() { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '='; }

make_secret db_password "$(random)"
make_secret master_password "$(random)"
make_secret admin_password "$(random)"
# A Fernet key: 32 bytes in URL-safe base64. To rotate, put the new key first, then a comma and the
# old one.
make_secret onep_secret_key "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"

if [ -e .env ]; then
    echo "kept     .env"
else
    cp .env.example .env
    echo "created  .env"
fi

cat <<'TEXT'

Next:
  docker compose up -d --build      builds the image, creates the database, starts everything
  docker compose logs -f init      the first minutes happen here
Then sign in as "admin" with the content of secrets/admin_password.
Keep a copy of secrets/onep_secret_key: without it the stored marketplace credentials are lost.
TEXT
