/** What a superuser of the database can change, and who says what of it. Decision 19 has the same as a table. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pastGuards } from '@commitments/test-kit'
import type { Copy } from './ledger.ts'

/** What must be said, by the name of the check that says it; nothing: the fault is not seen there. */
type Sight = Readonly<Record<string, RegExp>>

export interface Fault {
  /** What was changed, as decision 19 says it. */
  readonly changed: string
  /** Run with the triggers of `events` off, which are put on again. */
  readonly sql?: string
  /** What is not done by SQL alone, with the service stopped. */
  readonly act?: (copy: Copy) => Promise<void>
  /** By the first run of `verify`, without a memory of earlier checks. */
  readonly verify: Sight
  /** By `verify` with the memory of a check before the fault, where that sees more. */
  readonly remembered?: Sight
  /** By the checks of `/health/ready`, before any round of the drift check. */
  readonly readiness: Sight
  /** By one round of the drift check of each projection. */
  readonly drift: Sight
  /** By `replay-check`; null: not seen. */
  readonly replay: RegExp | null
  readonly recording: 'stops' | 'goes on'
}

const nobody: Sight = {}
const rows = ['proposal_status', 'proposal_search', 'proposal_moments', 'moment_facets', 'proposal_links']
const deleteRows = (id: string) => rows.map((table) => `DELETE FROM ${table} WHERE proposal_id = '${id}'`).join('; ')
const otherHash = (level: number, index: number, place: number) =>
  `UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM ${place} * 32 + 1) WHERE level = ${level} AND index = ${index}`
const forgetTree = `UPDATE log_tree SET size = 0, root = sha256(''), frontier = '', last_leaf = NULL; DELETE FROM log_tiles; DELETE FROM log_checkpoints`
const inStatuses = (what: RegExp): Sight => ({ 'proposal-status': what })
const inMoments = (what: RegExp): Sight => ({ 'proposal-moments': what })
const served = { readiness: nobody, recording: 'goes on' } as const
const logChanged = { recording: 'stops', readiness: nobody } as const
const guarded = { verify: nobody, drift: nobody, replay: null, recording: 'goes on' } as const
const missing = /which are in the tree, \d are missing: they were removed from the log/
const copyRow = (table: string) =>
  `INSERT INTO ${table} SELECT (jsonb_populate_record(s, '{"proposal_id":"invented"}')).* FROM ${table} s WHERE proposal_id = 'lone'`

const ofLog: readonly Fault[] = [
  {
    changed: 'an old line',
    sql: `UPDATE events SET line = replace(line, '"occurredOn":"2024-06', '"occurredOn":"2024-07') WHERE position = 6`,
    verify: { tree: /its line is not the one that was signed/ },
    drift: {
      'proposal-status': /the log was changed: the line at position 6 is not the one/,
      'proposal-moments': /differ/,
    },
    replay: /tile 0\/0 has a hash 5 that differs from the log/,
    ...logChanged,
  },
  {
    changed: 'a line of the last tile',
    sql: `UPDATE events SET line = replace(line, '"nonce":"', '"nonce":"x') WHERE position = 278`,
    verify: { lines: /./ },
    drift: inStatuses(/the log was changed: the line at position 278 is not the one/),
    replay: /tile 0\/1 has a hash 21 that differs from the log/,
    ...logChanged,
  },
  {
    changed: 'two rows, swapped',
    sql: `UPDATE events SET position = CASE position WHEN 6 THEN 1007 ELSE 1006 END WHERE position IN (6, 7);
      UPDATE events SET position = position - 1000 WHERE position > 1000`,
    verify: { lines: /lines have changed places/ },
    drift: {
      'proposal-status': /the log was changed: the line at position 7 is not the one[^]*at position 6 is not the one/,
      'proposal-moments': /differ/,
    },
    replay: /position 6: the line has another position|6: the line has another position/,
    ...logChanged,
  },
  {
    changed: 'an event that was removed, its rows or later versions still there',
    sql: 'DELETE FROM events WHERE position = 6',
    verify: { lines: /it is missing: the next line says that it is position 7/ },
    readiness: { 'log-tiles': missing },
    drift: {
      'proposal-status': /the log was changed: 1 of the versions up to 70, is missing/,
      'proposal-moments': /./,
    },
    replay: /positions have a gap after 5/,
    recording: 'stops',
  },
  {
    changed: 'an event of a full tile that was removed with all its rows',
    sql: `DELETE FROM events WHERE proposal_id = 'lone'; ${deleteRows('lone')}`,
    verify: { lines: /it is missing: the next line says that it is position 14/ },
    readiness: { 'log-tiles': missing },
    drift: { log: /the event at position 13 is missing/ },
    replay: /positions have a gap after 12/,
    recording: 'stops',
  },
  {
    changed: 'an event of the last tile that was removed with all its rows',
    sql: `DELETE FROM events WHERE proposal_id = 'late'; ${deleteRows('late')}`,
    verify: { lines: /it is missing: the next line says that it is position 279/ },
    readiness: { 'log-tiles': missing },
    drift: { log: /the event at position 278 is missing/ },
    replay: /positions have a gap after 277/,
    recording: 'stops',
  },
  {
    changed: 'the end of the log',
    sql: 'DELETE FROM events WHERE position > 280',
    verify: { lines: /it is missing: the present checkpoint was signed over 282 events/ },
    readiness: {
      'log-guard': /more was applied than the log has/,
      'log-tiles': missing,
      'transparency-log': /The log ends at position 280, but the tree has 282 leaves/,
    },
    drift: inStatuses(/the log was changed: the event at position 282[^]* is missing/),
    replay: /the read model has applied more than the log holds/,
    recording: 'stops',
  },
  {
    changed: 'everything, put back to an earlier state (a restore)',
    act: async ({ pool }) =>
      void (await pool.query(`${pastGuards('DELETE FROM events WHERE position > 280')}; ${forgetTree};
        ${rows.map((table) => `DELETE FROM ${table}`).join('; ')}; UPDATE projection_generations SET position = 0`)),
    verify: { 'could-not-be-checked': /checkpoint could not be read: it answers 503/ },
    remembered: { lines: /it is missing: the checkpoint that was kept .* was signed over 282 events/ },
    readiness: { 'transparency-log': /A checkpoint of 282 events was signed .* but the log ends at position 280/ },
    drift: nobody,
    replay: null,
    recording: 'stops',
  },
  {
    changed: 'an old line, and the tree made again and signed with the log’s key',
    act: async ({ pool, signing }) => {
      const otherNonce = `UPDATE events SET line = regexp_replace(line, '"nonce":"[^"]*"', '"nonce":"AAAAAAAAAAAAAAAAAAAAAA"') WHERE position = 6`
      await pool.query(`${pastGuards(otherNonce)}; ${forgetTree}`)
      for (const name of readdirSync(signing.home.place)) rmSync(join(signing.home.place, name), { recursive: true })
    },
    verify: nobody,
    remembered: { earlier: /its line is not the one .*: the log forked at or before size 282/ },
    readiness: nobody,
    drift: nobody,
    replay: null,
    recording: 'goes on',
  },
]

const oddColumn = inStatuses(/has another time, id, version or proposal than its line/)

const ofColumns: readonly Fault[] = [
  {
    changed: '`recorded_at` of a row of `events`',
    sql: `UPDATE events SET recorded_at = recorded_at - interval '1 hour' WHERE position = 6`,
    verify: { recorded: /the time in the row of this event, or of one beside it, is not the one in its line/ },
    drift: oddColumn,
    replay: /6: the line has another recordedAt/,
    ...logChanged,
  },
  {
    changed: '`version` of a row of `events`',
    sql: 'UPDATE events SET version = 99 WHERE position = 42',
    verify: { histories: /the served history of p1 has the event at position 46 as its 11\. event/ },
    drift: { ...oddColumn, 'proposal-moments': /versions are not contiguous/ },
    replay: /42: the line has another version/,
    ...logChanged,
  },
  {
    changed: '`proposal_id` of a row of `events`',
    sql: `UPDATE events SET proposal_id = 'other' WHERE position = 13`,
    verify: { histories: /the served history of lone has no event as its 1\. event/, recorded: /lone/ },
    drift: { ...oddColumn, 'proposal-moments': /lone: has rows of proposal_moments but no events/ },
    replay: /13: the line has another proposalId/,
    ...logChanged,
  },
  {
    changed: '`event_id` of a row of `events`, which nothing serves',
    sql: 'UPDATE events SET event_id = gen_random_uuid() WHERE position = 42',
    verify: nobody,
    drift: oddColumn,
    replay: /42: the line has another eventId/,
    ...logChanged,
  },
  {
    changed: '`key_digest` of a row of `events`, of which the line knows nothing',
    sql: `UPDATE events SET key_digest = substring(sha256('x') FOR 16) WHERE position = 42`,
    verify: nobody,
    drift: nobody,
    replay: null,
    ...served,
  },
]

const differs = (column: string) => new RegExp(`p3 ?: the row differs from the fold in .*${column}`)
const differing = (table: string) => new RegExp(`p3 ?: \\d+ rows of ${table} differ from the fold`)

/** Of what is made from the log, and is served. */
export const ofReadModels: readonly Fault[] = [
  {
    changed: '`proposal_status.amounts`',
    sql: `UPDATE proposal_status SET amounts = '{"committed":{"USD":"999000000"}}' WHERE proposal_id = 'p3'`,
    verify: { totals: /the served portfolio says money .*1003000000/ },
    drift: inStatuses(differs('amounts')),
    replay: differs('amounts'),
    ...served,
  },
  {
    changed: 'the text of a status',
    sql: `UPDATE proposal_status SET state = replace(state, 'Joint laboratory', 'Joint factory') WHERE proposal_id = 'p3'`,
    verify: { status: /the served status of p3 says title .*Joint factory/ },
    drift: inStatuses(differs('state')),
    replay: differs('state'),
    ...served,
  },
  {
    changed: 'the labels by which lists are narrowed',
    sql: `UPDATE proposal_status SET labels = array_remove(labels, 'stage:funded') WHERE proposal_id = 'p3'`,
    verify: { lists: /the served list stage=funded has p4 where the lines give p3/ },
    drift: inStatuses(differs('labels')),
    replay: differs('labels'),
    ...served,
  },
  {
    changed: 'the condition of a proposal',
    sql: `UPDATE proposal_status SET conditions = '{done}', condition_days = '{}' WHERE proposal_id = 'p3'`,
    verify: { totals: /byCondition/, lists: /the served list condition=/ },
    drift: inStatuses(differs('conditions')),
    replay: differs('conditions'),
    ...served,
  },
  {
    changed: 'the planned end by which lists are sorted',
    sql: `UPDATE proposal_status SET planned_end = '2020-01-01' WHERE proposal_id = 'p3'`,
    verify: { lists: /the served list sort=-?plannedEnd has p3 where the lines give/ },
    drift: inStatuses(differs('planned_end')),
    replay: differs('planned_end'),
    ...served,
  },
  {
    changed: 'the title by which lists are sorted',
    sql: `UPDATE proposal_status SET title_key = 'zzz' WHERE proposal_id = 'p3'`,
    verify: { lists: /the served list sort=-?title\S* has \S+ where the lines give/ },
    drift: inStatuses(differs('title_key')),
    replay: differs('title_key'),
    ...served,
  },
  {
    changed: 'the stage by which lists are sorted, which `/v1/changes` shows',
    sql: `UPDATE proposal_status SET stage = 'closed' WHERE proposal_id = 'p3'`,
    verify: {
      totals: /byStage/,
      lists: /the served list sort=-?stage has \S+ where the lines give/,
      changes: /as changed since 0, the service has .*"closed"/,
    },
    drift: inStatuses(differs('stage')),
    replay: differs('stage'),
    ...served,
  },
  {
    changed: 'the time of the last update, by which lists are narrowed',
    sql: `UPDATE proposal_status SET updated_at = updated_at - interval '1 year' WHERE proposal_id = 'p3'`,
    verify: { changes: /as changed since 0, the service has .*"p3"/ },
    drift: inStatuses(differs('updated_at')),
    replay: differs('updated_at'),
    ...served,
  },
  {
    changed: '`proposal_search`, by which proposals are found',
    sql: `UPDATE proposal_search SET search = 'nothing' WHERE proposal_id = 'p3'`,
    verify: { lists: /the served list q=p3 does not find p3/ },
    drift: inStatuses(differing('proposal_search')),
    replay: differing('proposal_search'),
    ...served,
  },
  {
    changed: 'all rows of a proposal, removed',
    sql: deleteRows('p3'),
    verify: { status: /serves no status of p3/, totals: /total/, past: /total/ },
    drift: { 'proposal-status': /p3: has no row/, 'proposal-moments': differing('proposal_moments') },
    replay: /p3 : has no row/,
    ...served,
  },
  {
    changed: 'rows of a proposal that has no events',
    sql: `${copyRow('proposal_status')}; ${copyRow('proposal_search')}`,
    verify: { totals: /the served portfolio says total 7, but the lines give 6/ },
    drift: inStatuses(/invented: has a row but no events/),
    replay: /invented : has a row but no events/,
    ...served,
  },
  {
    changed: '`proposal_links`, a row removed',
    sql: 'DELETE FROM proposal_links',
    verify: { related: /the service says that nobody is linked to p1, but by the lines p4 \(child\) is/ },
    drift: inStatuses(/p4: proposal_links has no row for its link to p1/),
    replay: /p4 : proposal_links has no row for its link to p1/,
    ...served,
  },
  {
    changed: '`proposal_links`, a row added, which shows nowhere',
    sql: `INSERT INTO proposal_links SELECT generation, 'p2', 'p3' FROM proposal_links`,
    verify: nobody,
    drift: inStatuses(/p3: proposal_links says that it was linked to p2, which it never was/),
    replay: /p3 : proposal_links says that it was linked to p2, which it never was/,
    ...served,
  },
  {
    changed: '`proposal_moments`, amounts in the past',
    sql: `UPDATE proposal_moments SET amounts = '{"committed":{"USD":"999000000"}}' WHERE proposal_id = 'p3'`,
    verify: { past: /the served portfolio says money .*known at position/ },
    drift: inMoments(differing('proposal_moments')),
    replay: differing('proposal_moments'),
    ...served,
  },
  {
    changed: '`proposal_moments`, rows removed',
    sql: `DELETE FROM proposal_moments WHERE proposal_id = 'p3'`,
    verify: { past: /the served portfolio says total 5, but the lines give 6/ },
    drift: inMoments(differing('proposal_moments')),
    replay: differing('proposal_moments'),
    ...served,
  },
  {
    changed: '`moment_facets`, by which proposals of the past are found',
    sql: `UPDATE moment_facets SET search = 'nothing' WHERE proposal_id = 'p3'`,
    verify: { lists: /the served list q=p3&knownAtPosition=282 does not find p3/ },
    drift: inMoments(differing('moment_facets')),
    replay: differing('moment_facets'),
    ...served,
  },
  {
    changed: '`moment_facets`, rows removed',
    sql: `DELETE FROM moment_facets WHERE proposal_id = 'p3'`,
    verify: { past: /the served portfolio says byCountry/ },
    drift: inMoments(differing('moment_facets')),
    replay: differing('moment_facets'),
    ...served,
  },
  {
    changed: '`dense_moments`, a row added',
    sql: `INSERT INTO dense_moments SELECT generation, 'p3' FROM projection_generations WHERE projection = 'proposal-moments'`,
    verify: { series: /the served portfolio says total \d+, but the lines give \d+ \(in a series/ },
    drift: inMoments(differing('dense_moments')),
    replay: differing('dense_moments'),
    ...served,
  },
  {
    changed: 'the rules of a read model, as if others had folded it, so that it is not compared any more',
    sql: `UPDATE projection_generations SET rules = 'x'`,
    verify: nobody,
    readiness: { drift: /not compared: the live generation was folded by other rules/ },
    drift: nobody,
    replay: null,
    recording: 'goes on',
  },
  {
    changed: 'a position of a read model, beyond the head',
    sql: `UPDATE projection_generations SET position = position + 1000 WHERE projection = 'proposal-status'`,
    verify: { 'could-not-be-checked': /have seen the log up to position 1282, and it is signed up to 282 only/ },
    readiness: { 'log-guard': /more was applied than the log has, .*proposal-status at 1282/ },
    drift: nobody,
    replay: /the read model has applied more than the log holds/,
    recording: 'goes on',
  },
]

const treeDamaged = /The stored tree of 2\d2 leaves does not match its own root/
const doesNotFit = /does not fit the rest of the tree: one of them was changed/

const ofTree: readonly Fault[] = [
  {
    changed: 'a full tile of level 0',
    sql: otherHash(0, 0, 11),
    verify: { tiles: /tile 0\/0 holds another hash for it than its line has/ },
    readiness: { 'log-tiles': doesNotFit },
    drift: inStatuses(/the tree was changed: the tile of position 12 fits neither its line nor the rest of the tree/),
    replay: /tile 0\/0 has a hash 11 that differs from the log/,
    recording: 'goes on',
  },
  {
    changed: 'the last tile of level 0',
    sql: otherHash(0, 1, 1),
    verify: { tiles: /tile 0\/1 holds another hash for it than its line has/ },
    readiness: { 'log-tiles': doesNotFit },
    drift: inStatuses(/the tree was changed: the tile of position 258 fits neither its line nor the rest of the tree/),
    replay: /tile 0\/1 has a hash 1 that differs from the log/,
    recording: 'goes on',
  },
  {
    changed: 'a tile of a higher level',
    sql: otherHash(1, 0, 0),
    verify: { tiles: /tile 1\/0 holds another hash for it than its line has/ },
    readiness: { 'log-tiles': doesNotFit },
    drift: nobody,
    replay: /tile 1\/0 has a hash 0 that differs from the log/,
    recording: 'goes on',
  },
  {
    changed: 'a tile, removed or cut',
    sql: 'UPDATE log_tiles SET hashes = substring(hashes FOR 32 * 255) WHERE level = 0 AND index = 0',
    verify: { 'could-not-be-checked': /tile\/0\/000 could not be read: it answers 503/ },
    readiness: { 'log-tiles': /tile 0\/0 of the tree has 255 hashes of 256/ },
    drift: inStatuses(/the tree was changed: the tile of position 256 fits neither/),
    replay: /tile 0\/0 has a hash 255 that differs from the log/,
    recording: 'goes on',
  },
  {
    changed: '`log_tree.root`',
    sql: `UPDATE log_tree SET root = sha256('x')`,
    verify: nobody,
    readiness: { 'transparency-log': treeDamaged },
    drift: nobody,
    replay: /the root of the log differs from that of the stored tree/,
    recording: 'goes on',
  },
  {
    changed: '`log_tree.frontier`',
    sql: `UPDATE log_tree SET frontier = overlay(frontier PLACING sha256('x') FROM 1)`,
    verify: nobody,
    readiness: { 'transparency-log': treeDamaged, 'log-tiles': doesNotFit },
    drift: nobody,
    replay: /the root of the log differs from that of the stored tree/,
    recording: 'goes on',
  },
  {
    changed: '`log_tree.size`',
    sql: 'UPDATE log_tree SET size = size - 10',
    verify: nobody,
    readiness: { 'transparency-log': treeDamaged, 'log-tiles': /tile 0\/1 of the tree has 26 hashes of 16/ },
    drift: nobody,
    replay: /more was signed than the tree has/,
    recording: 'goes on',
  },
  {
    changed: '`log_tree.last_leaf`',
    sql: `UPDATE log_tree SET last_leaf = sha256('x')`,
    verify: nobody,
    readiness: { 'transparency-log': /The event at position 282 is not the event from which the tree was built/ },
    drift: nobody,
    replay: /the stored tree has another last leaf than the log/,
    recording: 'stops',
  },
  {
    changed: '`log_checkpoints.root`',
    sql: `UPDATE log_checkpoints SET root = sha256('x')`,
    verify: nobody,
    readiness: { 'transparency-log': /does not begin with the tree of 282 leaves that was signed last/ },
    drift: nobody,
    replay: /the log does not match the signed root of its first 282 events/,
    recording: 'stops',
  },
  {
    changed: '`log_checkpoints`, removed: the signer signs the same again',
    sql: 'DELETE FROM log_checkpoints',
    verify: nobody,
    readiness: nobody,
    drift: nobody,
    replay: null,
    recording: 'goes on',
  },
  {
    changed: '`log_checkpoints.note`, spoilt: the signer signs the same again',
    sql: `UPDATE log_checkpoints SET note = overlay(note PLACING 'AAAA' FROM length(note) - 20)`,
    verify: nobody,
    readiness: nobody,
    drift: nobody,
    replay: null,
    recording: 'goes on',
  },
]

const triggersOff =
  /triggers do not keep the log .*: the trigger events_halted on events is (?:not ENABLE ALWAYS|missing)/
const rights = /others than the owner may do more than the migrations let them: command (?:DELETE|UPDATE) on events/

const ofGuards: readonly Fault[] = [
  {
    changed: 'a trigger, off',
    sql: 'ALTER TABLE events DISABLE TRIGGER events_halted',
    readiness: { 'log-guard': triggersOff },
    ...guarded,
  },
  {
    changed: 'a trigger, not ENABLE ALWAYS',
    sql: 'ALTER TABLE events ENABLE TRIGGER events_halted',
    readiness: { 'log-guard': triggersOff },
    ...guarded,
  },
  {
    changed: 'a trigger, dropped',
    sql: 'DROP TRIGGER events_halted ON events',
    readiness: { 'log-guard': triggersOff },
    ...guarded,
  },
  {
    changed: 'a trigger, made again so that it lets something pass',
    sql: `DROP TRIGGER events_append_only ON events; CREATE TRIGGER events_append_only BEFORE TRUNCATE ON events EXECUTE FUNCTION refuse_change()`,
    readiness: {
      'log-guard': /the trigger events_append_only on events is: CREATE TRIGGER .* BEFORE TRUNCATE ON events/,
    },
    ...guarded,
  },
  {
    changed: 'the triggers of another append-only table, off',
    sql: 'ALTER TABLE log_forks DISABLE TRIGGER ALL',
    readiness: { 'log-guard': /the trigger log_forks_append_only on log_forks is not ENABLE ALWAYS/ },
    ...guarded,
  },
  {
    changed: 'the function of a trigger, emptied',
    sql: `CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS 'BEGIN RETURN NULL; END'`,
    readiness: {
      'log-guard': /functions of the ledger are not those of the migrations: refuse_change\(\) does something else/,
    },
    ...guarded,
  },
  {
    changed: 'the owner of `events`',
    sql: 'ALTER TABLE events OWNER TO commitments_command',
    readiness: { 'log-guard': /not all of the ledger belongs to its owner: events belongs to commitments_command/ },
    ...guarded,
  },
  {
    changed: 'INSERT on `events`, granted',
    sql: 'GRANT INSERT ON events TO commitments_command',
    readiness: {
      'log-guard': /others than the owner may do more than the migrations let them: command INSERT on events/,
    },
    ...guarded,
  },
  {
    changed: 'UPDATE and DELETE on `events`, granted',
    sql: 'GRANT UPDATE, DELETE ON events TO commitments_command',
    readiness: { 'log-guard': rights },
    ...guarded,
  },
  {
    changed: 'UPDATE on one column of `events`, granted',
    sql: 'GRANT UPDATE (line) ON events TO commitments_command',
    readiness: { 'log-guard': rights },
    ...guarded,
  },
]

/** Of the log, its tree, and what guards them. */
export const ofLedger: readonly Fault[] = [...ofLog, ...ofColumns, ...ofTree, ...ofGuards]

/** In the order of the table in decision 19. */
export const faults: readonly Fault[] = [...ofLog, ...ofColumns, ...ofReadModels, ...ofTree, ...ofGuards]
