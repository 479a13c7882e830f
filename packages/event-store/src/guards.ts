/**
 * What keeps the log as it is: the triggers and functions of the ledger, who owns it, and what the roles of the services may do. The database
 * says what is there now; `migrations/guards.json` is what it says of a ledger that was just migrated (`npm run generate`), so that nobody
 * keeps a list of it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { migrationsFolder } from './migrate.ts'
import type { Queryable } from './queryable.ts'

type Part = 'migrations' | 'functions' | 'triggers' | 'rights' | 'roles' | 'owners'
/** What is said of each thing, by its name. */
type Said = Readonly<Record<string, readonly string[]>>
export type Guards = Readonly<Record<Part, Said>>

/** In the folder of the migrations. */
const guardsFile = 'guards.json'

const schema = 'current_schema()::regnamespace'
const tables = `SELECT c.oid, c.relname AS name, c.relowner AS owner, c.relacl AS acl, c.relrowsecurity, c.relispartition FROM pg_class c
  WHERE c.relnamespace = ${schema} AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE 'kysely%'`
/** Without those of extensions. */
const functions = `SELECT p.*, p.oid::regprocedure::text AS name FROM pg_proc p WHERE p.pronamespace = ${schema}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`
const isOfService = `r.rolname IN (current_schema() || '_command', current_schema() || '_projection')`
/** `command` or `projection`, whatever the ledger is called; any other role by its name. */
const whoOf = `CASE WHEN ${isOfService} THEN right(r.rolname, - length(current_schema()) - 1) ELSE coalesce(r.rolname, 'PUBLIC') END`
/** Each role of a service, with the roles that it is or can become. A superuser may do anything, which is said elsewhere. */
const services = `SELECT ${whoOf} AS who, m.oid FROM pg_roles r JOIN pg_roles m ON pg_has_role(r.oid, m.oid, 'MEMBER')
  WHERE ${isOfService} AND NOT r.rolsuper AND NOT m.rolsuper`
const ownerOfLedger = `(SELECT relowner FROM pg_class WHERE oid = 'kysely_migration'::regclass)`
const writing = `'{INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER}'::text[]`

const queries: Readonly<Record<Part, string>> = {
  migrations: `SELECT name, 'applied' AS said FROM kysely_migration`,
  // The body as it was written, and not as a version of Postgres prints it; without the name of the ledger, and without the space that a dump
  // puts into the search path.
  functions: `SELECT f.name, encode(sha256(convert_to(jsonb_build_array(l.lanname, f.prosecdef, f.provolatile, f.proisstrict,
      pg_get_function_arguments(f.oid), pg_get_function_result(f.oid), f.prosrc, pg_get_function_sqlbody(f.oid),
      (SELECT array_agg(regexp_replace(c, '^search_path="?' || current_schema() || '"?, *', 'search_path=') ORDER BY c)
         FROM unnest(f.proconfig) AS c))::text, 'UTF8')), 'hex') AS said
    FROM (${functions}) f JOIN pg_language l ON l.oid = f.prolang`,
  triggers: `SELECT 'the trigger ' || t.tgname || ' on ' || c.name AS name, pg_get_triggerdef(t.oid, true) || '; ALTER TABLE ' || c.name
        || CASE t.tgenabled WHEN 'A' THEN ' ENABLE ALWAYS' WHEN 'R' THEN ' ENABLE REPLICA' WHEN 'D' THEN ' DISABLE' ELSE ' ENABLE' END
        || ' TRIGGER ' || t.tgname AS said
      FROM (${tables}) c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
    UNION ALL SELECT 'the rule ' || r.rulename || ' on ' || c.name, pg_get_ruledef(r.oid, true) FROM (${tables}) c JOIN pg_rewrite r ON r.ev_class = c.oid
    UNION ALL SELECT 'row security of ' || c.name, 'ALTER TABLE ' || c.name || ' ENABLE ROW LEVEL SECURITY' FROM (${tables}) c WHERE c.relrowsecurity`,
  // What may be written to a generation of a read model follows from the table that it is a part of.
  rights: `SELECT t.name::text, w.who || ' ' || w.privilege AS said
      FROM (${tables}) t
      CROSS JOIN LATERAL (
        SELECT ${whoOf} AS who, a.privilege_type AS privilege
          FROM (SELECT t.acl UNION ALL SELECT f.attacl FROM pg_attribute f WHERE f.attrelid = t.oid) g(acl)
          CROSS JOIN LATERAL aclexplode(g.acl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE a.grantee <> t.owner AND a.privilege_type = ANY (${writing})
        UNION
        SELECT s.who, p.privilege FROM services s, unnest(${writing}) AS p(privilege)
         WHERE has_table_privilege(s.oid, t.oid, p.privilege)
            OR p.privilege IN ('INSERT', 'UPDATE') AND has_any_column_privilege(s.oid, t.oid, p.privilege)
      ) w
     WHERE NOT t.relispartition AND t.name !~ '_[0-9]+$'
    UNION ALL
    SELECT f.name, w.who || ' EXECUTE' FROM (${functions}) f
      CROSS JOIN LATERAL (
        SELECT 'PUBLIC' AS who FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a WHERE a.grantee = 0
        UNION SELECT s.who FROM services s WHERE has_function_privilege(s.oid, f.oid, 'EXECUTE')
      ) w`,
  roles: `SELECT r.rolname AS name, w.what AS said FROM pg_roles r
      CROSS JOIN LATERAL (VALUES (r.rolsuper, 'SUPERUSER'), (r.rolcreaterole, 'CREATEROLE'), (r.rolcreatedb, 'CREATEDB'),
        (r.rolreplication, 'REPLICATION'), (r.rolbypassrls, 'BYPASSRLS'),
        (NOT r.rolsuper AND has_parameter_privilege(r.oid, 'session_replication_role', 'SET'), 'SET session_replication_role')) w(has, what)
     WHERE ${isOfService} AND w.has
    UNION ALL
    SELECT r.rolname, 'a member of ' || m.rolname FROM pg_roles r JOIN pg_roles m ON m.oid <> r.oid AND NOT r.rolsuper AND pg_has_role(r.oid, m.oid, 'MEMBER')
     WHERE ${isOfService} AND (m.rolsuper OR m.oid = ${ownerOfLedger})`,
  // A superuser may own any of them: that gives no new right.
  owners: `SELECT o.name, w.rolname AS said FROM (SELECT t.name::text, t.owner FROM (${tables}) t UNION ALL SELECT f.name, f.proowner FROM (${functions}) f) o
      JOIN pg_roles w ON w.oid = o.owner
     WHERE NOT w.rolsuper AND o.owner <> ${ownerOfLedger}`,
}

const parts = Object.keys(queries) as Part[]

const guardsQuery = {
  name: 'read-log-guards',
  text: `WITH services AS MATERIALIZED (${services})
    ${parts.map((part) => `SELECT '${part}' AS part, name::text COLLATE "C", said::text COLLATE "C" FROM (${queries[part]}) q`).join(' UNION ALL ')}
    ORDER BY 1, 2, 3`,
}

/** What the database says now. */
export async function readGuards(client: Queryable): Promise<Guards> {
  const { rows } = await client.query<{ part: Part; name: string; said: string }>(guardsQuery)
  const guards = { migrations: {}, functions: {}, triggers: {}, rights: {}, roles: {}, owners: {} }
  for (const { part, name, said } of rows) {
    const all: Record<string, string[]> = guards[part]
    all[name] = [...(all[name] ?? []), said]
  }
  return guards
}

let expected: Promise<Guards> | undefined

/** What it said when it had just been migrated as far as this code knows. */
export function readExpectedGuards(): Promise<Guards> {
  expected ??= readFile(join(migrationsFolder, guardsFile), 'utf8').then((text) => JSON.parse(text) as Guards)
  return expected
}
