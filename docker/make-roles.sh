#!/bin/sh
# Run once by the postgres image, on an empty volume: the owner of the ledger, who migrates, and the two roles that the services log in
# as, which can do no more than the migrations grant them. None of the three is a superuser.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set owner_password="$OWNER_PASSWORD" \
  --set command_password="$COMMAND_PASSWORD" \
  --set projection_password="$PROJECTION_PASSWORD" <<'SQL'
CREATE ROLE commitments_owner LOGIN CREATEROLE PASSWORD :'owner_password';
CREATE ROLE commitments_command LOGIN PASSWORD :'command_password';
CREATE ROLE commitments_projection LOGIN PASSWORD :'projection_password';
CREATE DATABASE commitments OWNER commitments_owner;
-- The migration takes CONNECT and TEMPORARY from everybody else. What only a superuser may take away: large objects, which need no table.
\connect commitments
REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) FROM PUBLIC;
SQL
