#!/bin/sh
# The postgres image runs this once, on an empty volume. It creates the owner of the ledger, which runs migrations, and the two roles of the
# services, which can do only what the migrations grant them. None of the three is a superuser.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set owner_password="$OWNER_PASSWORD" \
  --set command_password="$COMMAND_PASSWORD" \
  --set projection_password="$PROJECTION_PASSWORD" <<'SQL'
CREATE ROLE commitments_owner LOGIN CREATEROLE PASSWORD :'owner_password';
CREATE ROLE commitments_command LOGIN PASSWORD :'command_password';
CREATE ROLE commitments_projection LOGIN PASSWORD :'projection_password';
CREATE DATABASE commitments OWNER commitments_owner;
-- The migration revokes CONNECT and TEMPORARY from everybody else. Large objects need no table, and only a superuser can revoke that right.
\connect commitments
REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) FROM PUBLIC;
SQL
