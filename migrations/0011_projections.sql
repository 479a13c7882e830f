-- Two projections, each with generations and a checkpoint of its own: `proposal-status` (how each proposal stands) and `proposal-moments`
-- (how each stood at any moment). Neither waits for the other, and each is rebuilt by itself. docs/decisions/0012-two-projections.md says why.
ALTER TABLE projection_generations ADD COLUMN projection text NOT NULL DEFAULT 'proposal-status'
  CONSTRAINT projection_generations_projection CHECK (projection IN ('proposal-status', 'proposal-moments'));
ALTER TABLE projection_generations ALTER COLUMN projection DROP DEFAULT;
DROP INDEX projection_generations_one_live;
CREATE UNIQUE INDEX projection_generations_one_live ON projection_generations (projection) WHERE state = 'live';

-- Proposals whose moments end before the event at `position`, because it, or what it makes of the days before it, cannot be told. What
-- was told of the events before it stays.
CREATE TABLE parked_moments (
  generation  integer NOT NULL CONSTRAINT parked_moments_generation REFERENCES projection_generations ON DELETE CASCADE,
  proposal_id text    NOT NULL COLLATE "C",
  position    bigint  NOT NULL,
  code        text    NOT NULL,
  CONSTRAINT parked_moments_pkey PRIMARY KEY (generation, proposal_id)
);

DROP FUNCTION make_generation(text);
DROP FUNCTION make_generation_tables(integer);

-- The partitioned tables that a generation of the projection has a part of.
CREATE FUNCTION projection_tables(projection text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
  SELECT CASE projection WHEN 'proposal-status' THEN ARRAY['proposal_status']
                         WHEN 'proposal-moments' THEN ARRAY['proposal_moments', 'moment_facets'] END
$$;

-- Makes an empty generation, in tables of its own without indexes, to be filled in bulk and then attached. Whoever may write to the
-- partitioned tables may write to these.
CREATE FUNCTION make_generation(projection text, rules text) RETURNS integer
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

-- Builds the indexes of a generation and makes it part of the partitioned tables. Locks nothing that readers or writers of others need.
CREATE OR REPLACE FUNCTION attach_generation(made integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  parent text;
BEGIN
  FOREACH parent IN ARRAY (SELECT projection_tables(g.projection) FROM projection_generations g WHERE g.generation = made) LOOP
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s_%s FOR VALUES IN (%s)', parent, parent, made, made);
    EXECUTE format('ANALYZE %s_%s', parent, made);
  END LOOP;
END
$$;

-- Drops a generation that is not live. Waits half a second at most for readers of each table, then gives up: it can be dropped later.
CREATE OR REPLACE FUNCTION drop_generation(gone integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '500ms' AS $$
DECLARE
  dropped text;
  parent  text;
BEGIN
  DELETE FROM projection_generations g WHERE g.generation = gone AND g.state <> 'live' RETURNING g.projection INTO dropped;
  IF NOT FOUND THEN
    RAISE 'generation % is live or is not there', gone USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  FOREACH parent IN ARRAY projection_tables(dropped) LOOP
    EXECUTE format('DROP TABLE IF EXISTS %s_%s', parent, gone);
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION projection_tables, make_generation, attach_generation, drop_generation FROM PUBLIC;
DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, INSERT ON parked_moments TO %I', role_name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION make_generation, attach_generation, drop_generation TO %I', role_name);
  END IF;
END
$$;

-- Moments that lie beside a status so far are left behind: what was recorded before migration 0005 is not in them. The projector makes them
-- anew, from the first event on.
DO $$
DECLARE
  made integer;
BEGIN
  FOR made IN SELECT generation FROM projection_generations LOOP
    EXECUTE format('DROP TABLE proposal_moments_%s, moment_facets_%s', made, made);
  END LOOP;
  made := make_generation('proposal-moments', 'none yet');
  PERFORM attach_generation(made);
  UPDATE projection_generations SET state = 'live', phase = 'following' WHERE generation = made;
END
$$;
