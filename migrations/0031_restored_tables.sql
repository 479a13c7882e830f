-- A ledger that was restored from a dump is elsewhere too, also on the same server and timeline: its tables were made anew.
--
-- Otherwise a service that starts after such a restore, which nobody has accepted, would record at once, because by what was restored the signer
-- has confirmed this place already. Now it waits for the signer as after a failover (0028).
CREATE OR REPLACE FUNCTION log_timeline() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
         || '/' || (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) || '.' || to_regclass('events')::oid;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_function THEN
  RETURN NULL;
END
$$;
