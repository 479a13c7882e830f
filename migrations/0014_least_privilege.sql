-- What a service that was taken over may not do to the database, beyond what the log defends itself against (0013).

-- Only the owner and the roles of the ledgers in this database may connect to it, and only the owner may make temporary tables and
-- functions. Another ledger that stands here already may not have been migrated this far, so its roles are named as well. Where the
-- database is not ours, this changes nothing, and whoever owns it does it by hand (SECURITY.md).
DO $$
DECLARE
  role_name text;
BEGIN
  IF NOT pg_has_role(current_user, (SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN
    RAISE NOTICE 'the database is not owned by %: CONNECT and TEMPORARY stay as they are', current_user;
    RETURN;
  END IF;
  EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  FOR role_name IN
    SELECT r.rolname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_roles r ON r.rolname IN (n.nspname || '_command', n.nspname || '_projection')
     WHERE c.relname = 'log_identity' AND c.relkind = 'r'
  LOOP
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role_name);
  END LOOP;
END
$$;

-- A fork is on record for good, so a service may not write one freely: only what was kept of the log whose tree is about to make way for
-- that of the one that an accepted restore began, only once, and only a note of that log. Whether it is rightly signed is for auditors.
CREATE FUNCTION record_kept_checkpoint(old_log uuid, new_log uuid, kept text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM log_tree t JOIN log_identity o ON o.log_id = t.log_id
                   JOIN log_identity n ON n.generation > o.generation
                  WHERE o.log_id = old_log AND n.log_id = new_log
                    AND n.generation = (SELECT max(i.generation) FROM log_identity i)) THEN
    RAISE 'no accepted restore has put the one log in place of the other' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  IF split_part(kept, E'\n', 1) NOT LIKE '%/' || old_log THEN
    RAISE 'this is no checkpoint of the log that ended' USING ERRCODE = 'data_exception';
  END IF;
  INSERT INTO log_forks (old_log_id, new_log_id, note, source, reason)
    VALUES (old_log, new_log, kept, 'file', 'The last checkpoint that was signed, by the file beside the key.')
    ON CONFLICT (new_log_id, source) DO NOTHING;
END
$$;
REVOKE ALL ON FUNCTION record_kept_checkpoint FROM PUBLIC;

-- What was signed last is not forgotten, and no other root takes its place. The owner may: an accepted restore, or a damaged table.
CREATE FUNCTION keep_signed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
    RETURN NULL;
  END IF;
  IF EXISTS (SELECT FROM gone g
              WHERE NOT EXISTS (SELECT FROM log_checkpoints c
                                 WHERE c.log_id = g.log_id AND (c.size > g.size OR c.size = g.size AND c.root = g.root))) THEN
    RAISE 'what was signed last of a log is neither deleted nor changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION keep_signed FROM PUBLIC;
CREATE TRIGGER log_checkpoints_kept AFTER DELETE ON log_checkpoints
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_signed();
CREATE TRIGGER log_checkpoints_unchanged AFTER UPDATE ON log_checkpoints
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_signed();

DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('REVOKE INSERT ON log_forks FROM %I', role_name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION record_kept_checkpoint TO %I', role_name);
  END IF;
END
$$;
