-- The roles of a ledger and their rights. `migrate` runs this each time, after the migrations, because neither is safe in a dump: roles belong
-- to the cluster, and a right is lost when its role is missing where the dump is restored. It adds what is missing, and takes away only what
-- nobody but the owner may have; where all is in place, it writes nothing. Each statement that it executes is a notice. A migration that makes
-- a table or a function needs no grants of its own: they are written here.
DO $$
DECLARE
  role_name text;
  statement text;
  is_ours   boolean := pg_has_role(current_user, (SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE');
BEGIN
  -- The owner may not be allowed to make roles: then they are made by hand before, or the services connect as users that were granted the
  -- same by hand.
  FOREACH role_name IN ARRAY ARRAY[current_schema() || '_command', current_schema() || '_projection'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        statement := format('CREATE ROLE %I NOLOGIN', role_name);
        EXECUTE statement;
        RAISE NOTICE '%', statement;
      END IF;
      -- So that the owner can SET ROLE to it, where a service is given the owner's address only.
      IF NOT pg_has_role(current_user, role_name, 'SET') THEN
        statement := format('GRANT %I TO %I', role_name, current_user);
        EXECUTE statement;
        RAISE NOTICE '%', statement;
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
              WHEN insufficient_privilege THEN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
                  RAISE NOTICE 'role % is missing and may not be made by %', role_name, current_user;
                END IF;
    END;
  END LOOP;

  FOR statement IN
    WITH wanted_tables(role, names, privileges) AS (VALUES
        ('command', ARRAY['events', 'log_identity', 'log_halts', 'log_tree', 'log_checkpoints', 'kysely_migration'], ARRAY['SELECT']),
        ('command', ARRAY['erasures'], ARRAY['SELECT', 'INSERT']),
        ('projection', ARRAY['erasures', 'events', 'log_identity', 'log_forks', 'log_deployments', 'kysely_migration'], ARRAY['SELECT']),
        ('projection', ARRAY['log_tree', 'projection_generations', 'drift_rounds'], ARRAY['SELECT', 'UPDATE']),
        ('projection', ARRAY['log_tiles', 'log_checkpoints', 'log_cosignatures', 'log_halts', 'projection_drift',
                             'proposal_moments', 'moment_facets', 'webhooks', 'webhook_attempts'],
                       ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
        ('projection', ARRAY['proposal_status', 'proposal_search'], ARRAY['SELECT', 'INSERT', 'UPDATE']),
        ('projection', ARRAY['proposal_links', 'dense_moments', 'set_aside'], ARRAY['SELECT', 'INSERT']),
        ('projection', ARRAY['parked_moments'], ARRAY['SELECT', 'INSERT', 'DELETE'])
      ), wanted_functions(role, names) AS (VALUES
        ('command', ARRAY['append_events', 'erase_events', 'log_timeline']),
        ('projection', ARRAY['leaf_of_line', 'log_timeline', 'make_generation', 'generation_indexes', 'index_generation', 'attach_generation', 'analyze_generation',
                             'drop_generation', 'record_last_checkpoint', 'record_kept_checkpoint', 'this_deployment', 'bind_deployment'])
      ), roles AS (
        SELECT r.rolname, r.oid, w.role FROM (VALUES ('command'), ('projection')) AS w(role)
          JOIN pg_roles r ON r.rolname = current_schema() || '_' || w.role
      ), functions AS (
        SELECT p.oid, p.proname, coalesce(p.proacl, acldefault('f', p.proowner)) AS acl FROM pg_proc p
         WHERE p.pronamespace = current_schema()::regnamespace
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
      ), tables AS (
        -- The tables of a generation have the rights of the table that they are, or will be, a part of.
        SELECT c.oid, coalesce((SELECT p.name FROM projection_generations g, unnest(projection_tables(g.projection)) AS p(name)
                                 WHERE c.relname = p.name || '_' || g.generation), c.relname) AS name
          FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      )
    SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.oid::regprocedure) FROM functions f, aclexplode(f.acl) a
     WHERE a.grantee = 0 AND f.proname <> 'recorded_at_text'
    UNION ALL
    SELECT format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), r.rolname) FROM roles r
     WHERE NOT has_schema_privilege(r.oid, current_schema(), 'USAGE')
    UNION ALL
    SELECT format('GRANT %s ON %s TO %I', string_agg(p.privilege, ', '), t.oid::regclass, r.rolname)
      FROM wanted_tables w JOIN roles r USING (role) JOIN tables t ON t.name = ANY(w.names), unnest(w.privileges) AS p(privilege)
     WHERE NOT has_table_privilege(r.oid, t.oid, p.privilege) GROUP BY t.oid, r.rolname
    UNION ALL
    SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', f.oid::regprocedure, r.rolname)
      FROM wanted_functions w JOIN roles r USING (role) JOIN functions f ON f.proname = ANY(w.names)
     WHERE NOT EXISTS (SELECT FROM aclexplode(f.acl) a WHERE a.grantee = r.oid)
    UNION ALL
    -- As migration 0014 does; a dump does not contain the rights on the database.
    SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', d.datname) FROM pg_database d
     WHERE is_ours AND d.datname = current_database()
       AND EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.grantee = 0)
    UNION ALL
    SELECT format('GRANT CONNECT ON DATABASE %I TO %I', d.datname, r.rolname) FROM pg_database d, roles r
     WHERE is_ours AND d.datname = current_database()
       AND NOT EXISTS (SELECT FROM aclexplode(d.datacl) a WHERE a.grantee = r.oid AND a.privilege_type = 'CONNECT')
  LOOP
    EXECUTE statement;
    RAISE NOTICE '%', statement;
  END LOOP;
END
$$;
