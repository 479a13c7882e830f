-- The read model of any moment: what each proposal was like on a day (`asOf`), as known at a position (`knownAt`).
--
-- A row is a rectangle, days × positions, in which all that lists and totals ask of a proposal is the same; the rectangles of a proposal do
-- not overlap. docs/decisions/0007-any-moment.md says why it is laid out so.
CREATE TABLE proposal_moments (
  generation     integer NOT NULL,
  proposal_id    text    NOT NULL COLLATE "C",
  -- Bounds are from (inclusive) to (exclusive): 'infinity' for the days that are still to come, 2^53 − 1 for what is known still.
  valid_from     date    NOT NULL,
  valid_to       date    NOT NULL,
  known_from     bigint  NOT NULL,
  known_to       bigint  NOT NULL,
  stage          text    NOT NULL COLLATE "C",
  ending         text    COLLATE "C",
  kind           text    NOT NULL COLLATE "C",
  -- Whose part it is, directly.
  parents        text[]  NOT NULL COLLATE "C",
  fields         text[]  NOT NULL COLLATE "C",
  planned_end    date    NOT NULL,
  -- As in proposal_status, for the days of the row.
  condition_days date[]  NOT NULL,
  conditions     text[]  NOT NULL COLLATE "C",
  amounts        jsonb   NOT NULL,
  -- Which row of moment_facets says the rest.
  facets         uuid    NOT NULL,
  -- All of the rectangle is in it, so that a row of another moment is passed over without being looked at.
  CONSTRAINT proposal_moments_pkey PRIMARY KEY (generation, proposal_id, facets, known_to, valid_from, known_from, valid_to)
) PARTITION BY LIST (generation);
-- Few have ended in a given way: they are found, and sorted, without a walk along all others.
CREATE INDEX proposal_moments_ending ON proposal_moments (generation, ending, proposal_id) WHERE ending IS NOT NULL;

-- What changes seldom, and takes most room: once for all moments of a proposal that share it. Rows are written once and never changed.
CREATE TABLE moment_facets (
  generation  integer NOT NULL,
  proposal_id text    NOT NULL COLLATE "C",
  -- Digest of the columns below.
  facets      uuid    NOT NULL,
  -- As in proposal_status, without those of stage and ending.
  labels      text[]  NOT NULL COLLATE "C",
  search      text    NOT NULL COLLATE "C",
  title_key   text    NOT NULL COLLATE "C",
  planned_end date    NOT NULL,
  title       jsonb   NOT NULL,
  CONSTRAINT moment_facets_pkey PRIMARY KEY (generation, proposal_id, facets)
) PARTITION BY LIST (generation);
CREATE INDEX moment_facets_title ON moment_facets (generation, title_key, proposal_id, facets);
CREATE INDEX moment_facets_planned_end ON moment_facets (generation, planned_end, proposal_id, facets);
CREATE INDEX moment_facets_labels ON moment_facets USING gin (labels);

-- Makes the tables of a generation: those of the moments beside that of the status.
CREATE FUNCTION make_generation_tables(made integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  parent     text;
  permission record;
BEGIN
  FOREACH parent IN ARRAY ARRAY['proposal_status', 'proposal_moments', 'moment_facets'] LOOP
    CONTINUE WHEN to_regclass(format('%s_%s', parent, made)) IS NOT NULL;
    EXECUTE format('CREATE TABLE %s_%s (LIKE %s INCLUDING STORAGE, CHECK (generation = %s))', parent, made, parent, made);
    FOR permission IN
      SELECT a.grantee::regrole AS role, a.privilege_type AS privilege
        FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = parent::regclass AND a.grantee <> c.relowner AND a.grantee <> 0
    LOOP
      EXECUTE format('GRANT %s ON %s_%s TO %s', permission.privilege, parent, made, permission.role);
    END LOOP;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION make_generation(rules text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  made integer;
BEGIN
  INSERT INTO projection_generations (state, rules, phase) VALUES ('building', make_generation.rules, 'filling')
    RETURNING generation INTO made;
  PERFORM make_generation_tables(made);
  RETURN made;
END
$$;

CREATE OR REPLACE FUNCTION attach_generation(made integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['proposal_status', 'proposal_moments', 'moment_facets'] LOOP
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s_%s FOR VALUES IN (%s)', parent, parent, made, made);
    EXECUTE format('ANALYZE %s_%s', parent, made);
  END LOOP;
END
$$;

-- Drops a generation that is not live. Waits half a second at most for readers of each table, then gives up: it can be dropped later.
CREATE OR REPLACE FUNCTION drop_generation(gone integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '500ms' AS $$
BEGIN
  DELETE FROM projection_generations g WHERE g.generation = gone AND g.state <> 'live';
  IF NOT FOUND THEN
    RAISE 'generation % is live or is not there', gone USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  EXECUTE format('DROP TABLE IF EXISTS proposal_status_%s, proposal_moments_%s, moment_facets_%s', gone, gone, gone);
END
$$;

REVOKE ALL ON FUNCTION make_generation_tables FROM PUBLIC;
DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON proposal_moments, moment_facets TO %I', role_name);
  END IF;
END
$$;

-- Generations that are there already get their tables. What they applied so far has no moments in them: a rebuild makes them.
DO $$
DECLARE
  made integer;
BEGIN
  FOR made IN SELECT generation FROM projection_generations LOOP
    PERFORM make_generation_tables(made);
    EXECUTE format('ALTER TABLE proposal_moments ATTACH PARTITION proposal_moments_%s FOR VALUES IN (%s)', made, made);
    EXECUTE format('ALTER TABLE moment_facets ATTACH PARTITION moment_facets_%s FOR VALUES IN (%s)', made, made);
  END LOOP;
END
$$;
