-- Counts anew what is in the tables of a live generation, so that plans know it. A generation that begins empty is counted when it is attached;
-- until autovacuum came by, a minute or more after a large import, the planner took it for empty or guessed, and read all moments where an
-- index leads to the few that were asked for. As many rows are looked at as in attach_generation.
CREATE FUNCTION analyze_generation(made integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET default_statistics_target = 30 AS $$
DECLARE
  parent text;
BEGIN
  FOREACH parent IN ARRAY (SELECT projection_tables(g.projection) FROM projection_generations g
                            WHERE g.generation = made AND g.state = 'live') LOOP
    EXECUTE format('ANALYZE %s_%s', parent, made);
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION analyze_generation FROM PUBLIC;
DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION analyze_generation TO %I', role_name);
  END IF;
END
$$;
