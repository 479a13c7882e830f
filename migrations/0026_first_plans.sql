-- A generation that begins empty is planned as if it had been counted.
--
-- Counting an empty table (attach_generation did) tells the planner nothing: it guesses that a condition which holds for every row of a generation
-- (its number, an open end) finds one row, and reads all of them to find the few that were asked for. Postgres 16 does so for each batch of
-- moments, until the table is counted again. So an empty table is counted while it has rows that look like ours, which are then taken away; what is
-- known of the columns stays. Later counts (analyze_generation, autovacuum) replace it.
CREATE FUNCTION count_as_filled(part text, made integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET default_statistics_target = 30 AS $$
DECLARE
  columns_ text;
  values_  text;
BEGIN
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
         string_agg(CASE WHEN a.attname = 'generation' THEN made::text
                         WHEN a.attname = 'proposal_id' THEN $v$'proposal-' || n$v$
                         -- No later knowledge has ended it (stillKnown in the projection service).
                         WHEN a.attname = 'known_to' THEN '9007199254740991'
                         WHEN a.attname IN ('ending', 'parked') THEN 'NULL'
                         WHEN a.atttypid = 'text'::regtype THEN $v$'x' || n % 10$v$
                         WHEN a.atttypid IN ('text[]'::regtype, 'date[]'::regtype) THEN $v$'{}'$v$
                         WHEN a.atttypid = 'jsonb'::regtype THEN $v$'{}'$v$
                         WHEN a.atttypid = 'uuid'::regtype THEN 'gen_random_uuid()'
                         WHEN a.atttypid = 'date'::regtype THEN $v$date '2020-01-01' + n$v$
                         WHEN a.atttypid = 'timestamptz'::regtype THEN $v$timestamptz '2020-01-01Z' + make_interval(secs => n)$v$
                         ELSE 'n' END, ', ' ORDER BY a.attnum)
    INTO STRICT columns_, values_
    FROM pg_attribute a WHERE a.attrelid = part::regclass AND a.attnum > 0 AND NOT a.attisdropped;
  EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(1, 300) AS n', part, columns_, values_);
  EXECUTE format('ANALYZE %s', part);
  EXECUTE format('TRUNCATE %s', part);
END
$$;

-- As before (0012), with an empty table counted as if it were filled.
CREATE OR REPLACE FUNCTION attach_generation(made integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET default_statistics_target = 30 AS $$
DECLARE
  parent   text;
  key      text;
  is_empty boolean;
BEGIN
  FOREACH parent IN ARRAY (SELECT projection_tables(g.projection) FROM projection_generations g WHERE g.generation = made) LOOP
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s_%s)', parent, made) INTO is_empty;
    IF is_empty THEN
      PERFORM count_as_filled(format('%s_%s', parent, made), made);
    END IF;
    key := format('%s_%s_pkey', parent, made);
    IF to_regclass(key) IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %s_%s ADD CONSTRAINT %s PRIMARY KEY USING INDEX %s', parent, made, key, key);
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s_%s FOR VALUES IN (%s)', parent, parent, made, made);
    IF NOT is_empty THEN
      EXECUTE format('ANALYZE %s_%s', parent, made);
    END IF;
  END LOOP;
END
$$;

-- Those of a ledger that has recorded nothing yet.
DO $$
DECLARE
  part     text;
  made     integer;
  is_empty boolean;
BEGIN
  FOR part, made IN
    SELECT format('%s_%s', p.name, g.generation), g.generation FROM projection_generations g, unnest(projection_tables(g.projection)) AS p(name)
     WHERE g.state = 'live' AND to_regclass(format('%s_%s', p.name, g.generation)) IS NOT NULL
  LOOP
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', part) INTO is_empty;
    IF is_empty THEN
      PERFORM count_as_filled(part, made);
    END IF;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION count_as_filled FROM PUBLIC;
