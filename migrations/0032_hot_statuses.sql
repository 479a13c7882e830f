-- A status that changes moves only the indexes by which it is found otherwise than before. docs/decisions/0044-indexes-and-vacuum.md has the figures.
--
-- Postgres writes all indexes of a row anew if a column of any of them changes. The position of a status changes with every event, so it is in
-- none of them any more: which proposals changed, and in which order, is in the log (services/projection/src/lists/last-events.ts). Instances of
-- the release before this one read all statuses for that until they are replaced.

-- Reading continues while this waits for those who read: behind a lock that is waited for, everybody waits.
DO $$
BEGIN
  SET LOCAL lock_timeout = '500ms';
  FOR attempt IN 1 .. 120 LOOP
    BEGIN
      LOCK TABLE proposal_status IN ACCESS EXCLUSIVE MODE;
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(0.5);
    END;
  END LOOP;
  RAISE 'the statuses are read without a pause; migrate again when fewer read them' USING ERRCODE = 'lock_not_available';
END
$$;
SET LOCAL lock_timeout = DEFAULT;
DROP INDEX proposal_status_position, proposal_status_parked;

-- A compressed column counts as changed, because what is compared are its stored bytes with new ones that are not compressed yet.
ALTER TABLE proposal_status ALTER COLUMN labels SET STORAGE EXTERNAL;

-- The settings of a table of a generation. The statuses leave room for the next version of a row on its own page. The scale factor of autovacuum:
-- of ten million rows, the usual one lets two million become waste first. The index of the parked proposals is made while the table is small, which
-- a new one is; a large one that is there already gets none, because all readers would wait for that: until its next rebuild all statuses are read
-- for the list of the parked ones.
CREATE FUNCTION set_up_generation(parent text, made integer) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s_%s SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02,
    toast.autovacuum_vacuum_scale_factor = 0.02)', parent, made);
  IF parent = 'proposal_status' THEN
    EXECUTE format('ALTER TABLE %s_%s SET (fillfactor = 85)', parent, made);
    IF pg_relation_size(format('%s_%s', parent, made)::regclass) < 64 * 1024 * 1024 THEN
      EXECUTE format('CREATE INDEX %1$s_%2$s_parked ON %1$s_%2$s (proposal_id) WHERE parked IS NOT NULL', parent, made);
    END IF;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION set_up_generation FROM PUBLIC;

CREATE OR REPLACE FUNCTION make_generation(projection text, rules text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  made       integer;
  parent     text;
  permission record;
BEGIN
  INSERT INTO projection_generations (projection, state, rules, phase)
    VALUES (make_generation.projection, 'building', make_generation.rules, 'filling') RETURNING generation INTO made;
  FOREACH parent IN ARRAY projection_tables(make_generation.projection) LOOP
    EXECUTE format('CREATE TABLE %s_%s (LIKE %s INCLUDING STORAGE, CHECK (generation = %s))', parent, made, parent, made);
    PERFORM set_up_generation(parent, made);
    FOR permission IN
      SELECT a.grantee::regrole AS role, a.privilege_type AS privilege
        FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = parent::regclass AND a.grantee <> c.relowner AND a.grantee <> 0
    LOOP
      EXECUTE format('GRANT %s ON %s_%s TO %s', permission.privilege, parent, made, permission.role);
    END LOOP;
  END LOOP;
  RETURN made;
END
$$;

DO $$
DECLARE
  existing record;
BEGIN
  FOR existing IN
    SELECT parent, g.generation FROM projection_generations g CROSS JOIN unnest(projection_tables(g.projection)) AS parent
     WHERE to_regclass(format('%s_%s', parent, g.generation)) IS NOT NULL
  LOOP
    PERFORM set_up_generation(existing.parent, existing.generation);
  END LOOP;
END
$$;

-- An event is never changed, so it is frozen by the first vacuum that sees it, and never read for that again; and a vacuum comes every
-- hundred thousand events, whatever the size of the log.
ALTER TABLE events SET (autovacuum_freeze_min_age = 0, toast.autovacuum_freeze_min_age = 0,
  autovacuum_vacuum_insert_threshold = 100000, autovacuum_vacuum_insert_scale_factor = 0,
  toast.autovacuum_vacuum_insert_threshold = 100000, toast.autovacuum_vacuum_insert_scale_factor = 0);
