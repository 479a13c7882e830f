import { guardFaults, migrate, openPool } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import type { PoolClient } from 'pg'
import t from 'tap'

t.setTimeout(120_000)

// A ledger with a name of its own, because its roles belong to the cluster. Each fault is made in a transaction that is rolled back.
const { url } = await openDatabase(t, { migrated: false })
const ledger = `guards_${process.pid}`
const [command, projection, stranger] = [`${ledger}_command`, `${ledger}_projection`, `${ledger}_stranger`]
await migrate(url, { ledger })
const pool = openPool(url, { ledger, max: 2 })
t.teardown(async () => {
  await pool.query(
    `DROP SCHEMA ${ledger} CASCADE; DROP OWNED BY ${command}, ${projection}; DROP ROLE ${command}, ${projection}, ${stranger}`,
  )
  await pool.end()
})
await pool.query(`CREATE ROLE ${stranger}`)

const anew = (rest: string, name = 'events_append_only') =>
  `DROP TRIGGER ${name} ON events; CREATE TRIGGER ${name} ${rest} EXECUTE FUNCTION refuse_change(); ALTER TABLE events ENABLE ALWAYS TRIGGER ${name}`
const empty = (name: string, more = '') =>
  `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT ${more} AS $$ BEGIN RETURN NULL; END $$`

const faults: Readonly<Record<string, readonly [sql: string, said: RegExp]>> = {
  'a trigger that is off': [
    'ALTER TABLE events DISABLE TRIGGER events_append_only',
    /the trigger events_append_only on events is not ENABLE ALWAYS \(ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only\)\. Find/,
  ],
  'a trigger that session_replication_role silences': [
    'ALTER TABLE events ENABLE TRIGGER events_append_only',
    /events_append_only on events is not ENABLE ALWAYS/,
  ],
  'a trigger for a replica only': [
    'ALTER TABLE events ENABLE REPLICA TRIGGER events_halted',
    /events_halted on events is not ENABLE ALWAYS/,
  ],
  'a trigger that is gone': [
    'DROP TRIGGER events_halted ON events',
    /the trigger events_halted on events is missing \(CREATE TRIGGER/,
  ],
  'a trigger for fewer statements': [
    anew('BEFORE TRUNCATE ON events'),
    /events_append_only on events is: CREATE TRIGGER .* BEFORE TRUNCATE ON/,
  ],
  'a trigger with a condition': [
    anew('BEFORE UPDATE OR DELETE OR TRUNCATE ON events FOR EACH STATEMENT WHEN (false)'),
    /events_append_only on events is: .* WHEN \(false\)/,
  ],
  'a trigger for one column': [
    anew('BEFORE DELETE OR UPDATE OF position ON events'),
    /is: .* UPDATE OF "position" ON events/,
  ],
  'a trigger of another table': [
    'ALTER TABLE log_forks DISABLE TRIGGER ALL',
    /log_forks_append_only on log_forks is not ENABLE ALWAYS/,
  ],
  'the trigger of the identity': [
    'ALTER TABLE log_identity DISABLE TRIGGER ALL',
    /log_identity_append_only on log_identity is/,
  ],
  'the trigger of deployments': [
    'DROP TRIGGER log_deployments_append_only ON log_deployments',
    /log_deployments_append_only on .* missing/,
  ],
  'the triggers of checkpoints': [
    'ALTER TABLE log_checkpoints DISABLE TRIGGER ALL',
    /log_checkpoints_kept on log_checkpoints is not .*; the trigger log_checkpoints_unchanged on log_checkpoints is not /,
  ],
  'a trigger of no migration': [
    `${empty('mine')}; CREATE TRIGGER mine BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION mine()`,
    /the trigger mine on events is of no migration \(CREATE TRIGGER mine/,
  ],
  'a rule': [
    'CREATE RULE mine AS ON INSERT TO events DO INSTEAD NOTHING',
    /the rule mine on events is of no migration/,
  ],
  'row security': ['ALTER TABLE events ENABLE ROW LEVEL SECURITY', /row security of events is of no migration/],
  'a function that was emptied': [
    empty('refuse_change'),
    /functions of the ledger .*: refuse_change\(\) does something else\. Find out/,
  ],
  'a function that keeps what was signed': [empty('keep_signed'), /keep_signed\(\) does something else/],
  'a function that runs as somebody else': [
    'ALTER FUNCTION refuse_while_halted SECURITY DEFINER',
    /refuse_while_halted\(\) does something else/,
  ],
  'a function with other settings': [
    `ALTER FUNCTION log_timeline SET search_path = public`,
    /log_timeline\(\) does something else/,
  ],
  'a function that is gone': [
    'DROP FUNCTION record_kept_checkpoint',
    /record_kept_checkpoint\(uuid,uuid,text\) is missing/,
  ],
  'a function of no migration': [
    'CREATE FUNCTION recorded_at_text(timestamp) RETURNS text LANGUAGE sql RETURN 1',
    /recorded_at_text\(timestamp without time zone\) is of no migration/,
  ],
  'the owner of the events': [
    `ALTER TABLE events OWNER TO ${projection}`,
    /not all of the ledger belongs to its owner: events belongs to \w+_projection\. .*projection DELETE on events/,
  ],
  'the owner of a function': [
    `ALTER FUNCTION refuse_change OWNER TO ${stranger}`,
    /refuse_change\(\) belongs to \w+_stranger/,
  ],
  'a right of everybody': [
    'GRANT UPDATE ON events TO PUBLIC',
    /others than the owner may do more .*: PUBLIC UPDATE on events.*\. Take that away/,
  ],
  'a right on one column': [`GRANT UPDATE (line) ON events TO ${projection}`, /: projection UPDATE on events/],
  'the right to insert': [`GRANT INSERT ON events TO ${command}`, /: command INSERT on events/],
  'the right to insert a fork': [`GRANT INSERT ON log_forks TO ${projection}`, /: projection INSERT on log_forks/],
  'a right of somebody else to what only the owner writes': [
    `GRANT DELETE ON log_identity TO ${stranger}`,
    /: \w+_stranger DELETE on log_identity/,
  ],
  'the right to lock the log': [`GRANT UPDATE ON log_lock TO ${command}`, /: command UPDATE on log_lock/],
  'the right to end a halt': [`GRANT DELETE ON log_halts TO ${command}`, /: command DELETE on log_halts/],
  'the right to append': [
    'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA current TO PUBLIC'.replace('current', ledger),
    /PUBLIC EXECUTE on append_events\(.*; and \d+ more\. Take/,
  ],
  'a role that may write everywhere': [`GRANT pg_write_all_data TO ${command}`, /command DELETE on events/],
  'a role that it can become': [
    `GRANT DELETE ON events TO ${stranger}; GRANT ${stranger} TO ${command} WITH INHERIT FALSE, SET TRUE`,
    /: command DELETE on events; \w+_stranger DELETE on events/,
  ],
  'a member of the owner': [
    `ALTER TABLE kysely_migration OWNER TO ${stranger}; GRANT ${stranger} TO ${command}`,
    /_command has or is a member of \w+_stranger/,
  ],
  'a superuser': [
    `ALTER ROLE ${projection} SUPERUSER`,
    /a role of a service .*: \w+_projection has or is SUPERUSER\. Take/,
  ],
  'a role that may make roles': [
    `ALTER ROLE ${projection} CREATEROLE REPLICATION`,
    /_projection has or is CREATEROLE, REPLICATION/,
  ],
  'a role that may silence triggers': [
    `GRANT SET ON PARAMETER session_replication_role TO ${command}`,
    /_command has or is SET session_replication_role/,
  ],
  'a ledger of a newer release': [
    `INSERT INTO kysely_migration VALUES ('9999_later', '')`,
    /migrations that this service does not know \(9999_later\).*If no release is being rolled out, find out who wrote/,
  ],
}

async function changed(sql: string, look: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query(`BEGIN; ${sql}`)
    await look(client)
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

t.test('what keeps the log as it is, and is not as the migrations made it, is named', async (t) => {
  t.same(await guardFaults(pool), [], 'a migrated ledger has no fault, whatever its name')
  for (const [what, [sql, said]] of Object.entries(faults))
    await changed(sql, async (client) => {
      t.match((await guardFaults(client)).join('. '), said, what)
    })
  t.same(await guardFaults(pool), [])
})

t.test('the roles of the services see the same as the owner', async (t) => {
  for (const role of [command, projection])
    await changed(`ALTER TABLE log_forks DISABLE TRIGGER ALL; SET LOCAL ROLE ${role}`, async (client) => {
      t.match(await guardFaults(client), [/log_forks_append_only/], role)
    })
})

t.test('rights that were granted by hand beside those of a service are no fault', async (t) => {
  const sql = `GRANT INSERT, UPDATE ON proposal_status, log_tree TO ${stranger}; GRANT SELECT ON ALL TABLES IN SCHEMA ${ledger} TO ${stranger};
    GRANT ${command} TO ${stranger}; CREATE INDEX mine ON events (version); REVOKE SELECT ON log_forks FROM ${projection}`
  await changed(sql, async (client) => {
    t.same(await guardFaults(client), [])
  })
})

t.test('functions are the same after a dump, which writes their search path with a space', async (t) => {
  const { rows } = await pool.query<{ sql: string }>(
    `SELECT string_agg(format('ALTER FUNCTION %s SET search_path TO %I, pg_temp', p.oid::regprocedure, current_schema()), ';') AS sql FROM pg_proc p
      WHERE p.pronamespace = current_schema()::regnamespace AND 'search_path=' || current_schema() || ',pg_temp' = ANY (p.proconfig)`,
  )
  t.match(rows[0]?.sql, /append_events/)
  await changed(rows[0]?.sql ?? '', async (client) => {
    t.same(await guardFaults(client), [])
  })
})
