-- What is searched (`q`) of each proposal as it is now, in a table of its own: it is the longest of its columns, changes seldom, and has the
-- dearest index, while a status is written with each event. docs/decisions/0021-search.md says what is in it.
CREATE TABLE proposal_search (
  generation  integer NOT NULL,
  proposal_id text    NOT NULL COLLATE "C",
  search      text    NOT NULL COLLATE "C",
  CONSTRAINT proposal_search_pkey PRIMARY KEY (generation, proposal_id)
) PARTITION BY LIST (generation);

CREATE OR REPLACE FUNCTION projection_tables(projection text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
  SELECT CASE projection WHEN 'proposal-status' THEN ARRAY['proposal_status', 'proposal_search']
                         WHEN 'proposal-moments' THEN ARRAY['proposal_moments', 'moment_facets'] END
$$;

DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON proposal_search TO %I', role_name);
  END IF;
END
$$;

-- Until the rebuild that is due now, they are searched as they were.
DO $$
DECLARE
  made integer;
BEGIN
  FOR made IN SELECT generation FROM projection_generations g
               WHERE projection = 'proposal-status' AND to_regclass(format('proposal_status_%s', generation)) IS NOT NULL LOOP
    EXECUTE format('CREATE TABLE proposal_search_%s (LIKE proposal_search INCLUDING STORAGE, CHECK (generation = %s))', made, made);
    EXECUTE format('INSERT INTO proposal_search_%s SELECT generation, proposal_id, search FROM proposal_status_%s', made, made);
    EXECUTE format('ALTER TABLE proposal_search ATTACH PARTITION proposal_search_%s FOR VALUES IN (%s)', made, made);
  END LOOP;
END
$$;
ALTER TABLE proposal_status DROP COLUMN search;

-- The index that finds three letters in a row, by the extension pg_trgm: it comes with Postgres and is trusted, so that the owner of a database
-- may make it. Where it is not there or not allowed, every text is read instead, and the answers are the same: what is searched is folded by
-- our own code. Who gets the extension later runs the last two statements by hand.
DO $$
DECLARE
  trgm name;
BEGIN
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
  EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object OR invalid_schema_name
      OR invalid_parameter_value THEN
    RAISE NOTICE 'there is no index for searches, which read every text: %', SQLERRM;
  END;
  SELECT n.nspname INTO trgm FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
  IF trgm IS NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE INDEX proposal_search_texts ON proposal_search USING gin (search %I.gin_trgm_ops)', trgm);
  EXECUTE format('CREATE INDEX moment_facets_texts ON moment_facets USING gin (search %I.gin_trgm_ops)', trgm);
END
$$;
