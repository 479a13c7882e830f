-- The read model: what the log says of each proposal now, one row a proposal and generation.
--
-- A generation is one fold of the whole log by one set of rules. One is live; a rebuild fills another beside it, and the switch from one to
-- the other is one transaction over the rows below.
--
-- `position` is how far the generation has applied the log. Whoever writes rows moves it in the same transaction, from exactly where they
-- read it and only while `state` is what they think (compare-and-set): of two projectors one writes, the other writes nothing.
CREATE TABLE projection_generations (
  -- Numbers are never used again: tags of answers and the acceptance of differences name them.
  generation  integer     GENERATED ALWAYS AS IDENTITY CONSTRAINT projection_generations_pkey PRIMARY KEY,
  state       text        NOT NULL CONSTRAINT projection_generations_state CHECK (state IN ('building', 'live', 'retired')),
  position    bigint      NOT NULL DEFAULT 0,
  -- Fingerprint of the rules that folded it; another one than the running code's means that a rebuild is due.
  rules       text        NOT NULL,
  -- What a rebuild is at, for people: events folded so far, of how many.
  phase       text        NOT NULL DEFAULT 'following',
  done        bigint      NOT NULL DEFAULT 0,
  target      bigint      NOT NULL DEFAULT 0,
  -- Proposals that came out otherwise than in the live generation; null before they were compared.
  differences bigint,
  made_at     timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 10);
-- fillfactor: the live row is updated with every batch, and finds room on its own page.
CREATE UNIQUE INDEX projection_generations_one_live ON projection_generations (state) WHERE state = 'live';

CREATE TABLE proposal_status (
  generation     integer     NOT NULL,
  proposal_id    text        NOT NULL COLLATE "C",
  -- Of the last event that changed this row.
  position       bigint      NOT NULL,
  version        integer     NOT NULL,
  updated_at     timestamptz NOT NULL,
  -- The fold's state as JSON; null where not even the first event could be applied. What depends on the day is worked out when it is read.
  state          text        COLLATE "C",
  -- {"position", "code"} of the event that could not be applied; the row stands where it stood before that event.
  parked         jsonb,
  -- Everything that lists filter by equality, as 'stage:agreed', 'party:most-vn', 'party-role:most-vn:funder', 'country:VN' …: one index
  -- answers every combination of filters.
  labels         text[]      NOT NULL COLLATE "C",
  search         text        NOT NULL COLLATE "C",
  stage          text        NOT NULL COLLATE "C",
  ending         text        COLLATE "C",
  kind           text        NOT NULL COLLATE "C",
  parent         text        COLLATE "C",
  fields         text[]      NOT NULL COLLATE "C",
  title_key      text        NOT NULL COLLATE "C",
  planned_end    date        NOT NULL,
  -- The condition of a day is conditions[1 + width_bucket(day, condition_days)]: it changes by itself on the days listed.
  condition_days date[]      NOT NULL,
  conditions     text[]      NOT NULL COLLATE "C",
  -- {"requested": {"USD": "12.5"}, "pledged": {}, "committed": {}, "disbursed": {}, "undisclosed": 1}
  amounts        jsonb       NOT NULL,
  CONSTRAINT proposal_status_pkey PRIMARY KEY (generation, proposal_id)
) PARTITION BY LIST (generation);
-- Out of line when long, and not compressed: compressing would be half the cost of writing a row, and scans are to pass over it.
ALTER TABLE proposal_status ALTER COLUMN state SET STORAGE EXTERNAL;
CREATE INDEX proposal_status_position ON proposal_status (generation, position);
CREATE INDEX proposal_status_title ON proposal_status (generation, title_key, proposal_id);
CREATE INDEX proposal_status_planned_end ON proposal_status (generation, planned_end, proposal_id);
CREATE INDEX proposal_status_labels ON proposal_status USING gin (labels);
CREATE INDEX proposal_status_parked ON proposal_status (generation, position) WHERE parked IS NOT NULL;

-- Makes an empty generation, in a table of its own without indexes, to be filled in bulk and then attached. Whoever may write to
-- proposal_status may write to it.
CREATE FUNCTION make_generation(rules text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  made       integer;
  permission record;
BEGIN
  INSERT INTO projection_generations (state, rules, phase) VALUES ('building', make_generation.rules, 'filling')
    RETURNING generation INTO made;
  EXECUTE format('CREATE TABLE proposal_status_%s (LIKE proposal_status INCLUDING STORAGE, CHECK (generation = %s))', made, made);
  FOR permission IN
    SELECT a.grantee::regrole AS role, a.privilege_type AS privilege
      FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = 'proposal_status'::regclass AND a.grantee <> c.relowner AND a.grantee <> 0
  LOOP
    EXECUTE format('GRANT %s ON proposal_status_%s TO %s', permission.privilege, made, permission.role);
  END LOOP;
  RETURN made;
END
$$;

-- Builds its indexes and makes it part of proposal_status. Locks nothing that readers or writers of other generations need.
CREATE FUNCTION attach_generation(made integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  EXECUTE format('ALTER TABLE proposal_status ATTACH PARTITION proposal_status_%s FOR VALUES IN (%s)', made, made);
  EXECUTE format('ANALYZE proposal_status_%s', made);
END
$$;

-- Drops a generation that is not live. Waits half a second at most for readers of the table, then gives up: it can be dropped later.
CREATE FUNCTION drop_generation(gone integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '500ms' AS $$
BEGIN
  DELETE FROM projection_generations g WHERE g.generation = gone AND g.state <> 'live';
  IF NOT FOUND THEN
    RAISE 'generation % is live or is not there', gone USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  EXECUTE format('DROP TABLE IF EXISTS proposal_status_%s', gone);
END
$$;

REVOKE ALL ON FUNCTION make_generation, attach_generation, drop_generation FROM PUBLIC;
DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, UPDATE ON projection_generations TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON proposal_status TO %I', role_name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION make_generation, attach_generation, drop_generation TO %I', role_name);
  END IF;
END
$$;

-- The first generation is live from the start: an empty fold of an empty prefix is right whatever the rules, so the first service to run
-- writes its own fingerprint there.
SELECT attach_generation(make_generation('none yet'));
UPDATE projection_generations SET state = 'live', phase = 'following';
