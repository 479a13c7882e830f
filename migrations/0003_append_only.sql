-- History cannot change: not by a role, and not by the owner either. ENABLE ALWAYS, so that session_replication_role does not silence
-- the triggers.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: what was recorded is never changed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
REVOKE ALL ON FUNCTION refuse_change FROM PUBLIC;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only;
CREATE TRIGGER log_identity_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_identity
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE log_identity ENABLE ALWAYS TRIGGER log_identity_append_only;

-- Two roles beside the owner, who migrates. Roles belong to the whole cluster, so another ledger's migration may be making the same one
-- this moment, and the owner may not be allowed to make any: then they are made by hand before, or the services connect as users that
-- were granted the same by hand.
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY[current_schema() || '_command', current_schema() || '_projection'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
              WHEN insufficient_privilege THEN RAISE NOTICE 'role % is missing and may not be made by %', role_name, current_user;
    END;
    CONTINUE WHEN NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name);
    BEGIN
      -- So that the owner can SET ROLE to it, where a service is given the owner's address only.
      EXECUTE format('GRANT %I TO %I', role_name, current_user);
    EXCEPTION WHEN insufficient_privilege THEN NULL;
    END;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role_name);
    EXECUTE format('GRANT SELECT ON events, log_identity, kysely_migration TO %I', role_name);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_schema() || '_command') THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION append_events TO %I', current_schema() || '_command');
  END IF;
END
$$;
