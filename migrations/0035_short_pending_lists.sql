-- What is added to a GIN index goes to a list at first. Who makes the list longer than its limit, 4 MB by default, sorts all of it into the index: 20 to
-- 30 ms, each second at a thousand events a second, for which everybody waits who has just recorded something. And each search reads the whole list.
-- With 256 kB it takes 7 to 8 ms; a row then costs 66 µs instead of 55 (docs/decisions/0051-short-pending-lists.md).
--
-- An index of a partitioned table can get no such setting once it is made, so each partition gets it.
CREATE FUNCTION limit_pending_lists(partition regclass) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  index regclass;
BEGIN
  FOR index IN SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
                WHERE i.indrelid = partition AND a.amname = 'gin' LOOP
    EXECUTE format('ALTER INDEX %s SET (gin_pending_list_limit = 256)', index);
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION limit_pending_lists FROM PUBLIC;

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
    PERFORM limit_pending_lists(format('%s_%s', parent, made)::regclass);
    IF NOT is_empty THEN
      EXECUTE format('ANALYZE %s_%s', parent, made);
    END IF;
  END LOOP;
END
$$;

-- The generations that there are.
SELECT limit_pending_lists(t.inhrelid)
  FROM unnest('{proposal_status,proposal_search,moment_facets}'::regclass[]) AS parent JOIN pg_inherits t ON t.inhparent = parent;
