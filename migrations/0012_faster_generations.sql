-- A filled generation gets its indexes before it is attached, several at a time; and what is counted of its rows is as much as plans need.

-- The indexes that the tables of a generation are to have, the dearest first, so that those who build them side by side end together.
CREATE FUNCTION generation_indexes(made integer) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT array_agg(c.relname::text ORDER BY a.amname = 'gin' DESC, i.indisunique DESC, i.indpred IS NULL DESC, c.relname)
    FROM projection_generations g
         CROSS JOIN unnest(projection_tables(g.projection)) AS parent
         JOIN pg_index i ON i.indrelid = parent::regclass
         JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_am a ON a.oid = c.relam
   WHERE g.generation = made
$$;

-- Builds one of them on the table of a generation that is not attached yet. Others may be built on it at the same time.
CREATE FUNCTION index_generation(made integer, index_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  parent     text;
  definition text;
BEGIN
  IF NOT index_name = ANY (generation_indexes(made)) THEN
    RAISE 'generation % has no index %', made, index_name USING ERRCODE = 'undefined_object';
  END IF;
  SELECT c.relname, pg_get_indexdef(i.indexrelid) INTO STRICT parent, definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE i.indexrelid = index_name::regclass;
  EXECUTE regexp_replace(definition, ' INDEX \S+ ON ONLY \S+ ',
    format(' INDEX %s ON %s_%s ', replace(index_name, parent, parent || '_' || made), parent, made));
END
$$;

-- Makes a generation part of the partitioned tables, with the indexes that it has; those that it has not are built now. Locks nothing that
-- readers or writers of others need.
--
-- default_statistics_target: 9,000 rows are looked at. Over 125,000 rows that takes 0.11 s, and the 30,000 of the
-- default took 0.45, as much as the two dearest indexes side by side; what
-- lists ask for is either common enough to be seen among fewer, or rare.
CREATE OR REPLACE FUNCTION attach_generation(made integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET default_statistics_target = 30 AS $$
DECLARE
  parent text;
  key    text;
BEGIN
  FOREACH parent IN ARRAY (SELECT projection_tables(g.projection) FROM projection_generations g WHERE g.generation = made) LOOP
    key := format('%s_%s_pkey', parent, made);
    IF to_regclass(key) IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %s_%s ADD CONSTRAINT %s PRIMARY KEY USING INDEX %s', parent, made, key, key);
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s_%s FOR VALUES IN (%s)', parent, parent, made, made);
    EXECUTE format('ANALYZE %s_%s', parent, made);
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION generation_indexes, index_generation FROM PUBLIC;
DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION generation_indexes, index_generation TO %I', role_name);
  END IF;
END
$$;
