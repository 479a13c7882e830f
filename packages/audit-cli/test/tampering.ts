/** Ways in which a superuser of the database can tamper with a log, chosen by seed. */
import { isUtf8 } from 'node:buffer'
import type { Pool, PoolClient } from 'pg'

/** Whole numbers from 0 to `below`, exclusive. */
export type Draw = (below: number) => number

/** A small generator whose every number follows from the seed (mulberry32). */
export function drawFrom(seed: number): Draw {
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

export interface Tampering {
  readonly what: string
  /** The first position at which the log has changed. */
  readonly first: number
  readonly apply: (client: PoolClient) => Promise<void>
}

/** The original lines of a log, by position. */
type Lines = readonly string[]
type Kind = (lines: Lines, draw: Draw) => Tampering

const kinds: Readonly<Record<string, Kind>> = {
  change,
  'change a byte': changeByte,
  delete: remove,
  'delete and close the gap': removeAndClose,
  insert,
  'insert and renumber': insertAndRenumber,
  swap,
  'swap and renumber': swapAndRenumber,
  'renumber the row': renumberRow,
  'renumber the line': renumberLine,
  move,
  'cut the tail': cutTail,
}

export const tamperings = Object.keys(kinds)

export function tamperingOf(seed: number, lines: Lines): Tampering {
  const draw = drawFrom(seed)
  const name = tamperings[draw(tamperings.length)] as string
  const { what, ...rest } = (kinds[name] as Kind)(lines, draw)
  return { what: `${name}: ${what}`, ...rest }
}

function anyPosition(lines: Lines, draw: Draw): number {
  return draw(lines.length) + 1
}

function lineAt(lines: Lines, position: number): string {
  return lines[position - 1] as string
}

/** Changes the content of an event, in a perfectly formed line. */
function change(lines: Lines, draw: Draw): Tampering {
  const position = anyPosition(lines, draw)
  const event = JSON.parse(lineAt(lines, position))
  const changes: (() => object)[] = [
    () => ({ ...event, occurredOn: event.occurredOn === '2031-01' ? '2031-02' : '2031-01' }),
    () => ({ ...event, recordedBy: 'key:somebody-else' }),
    () => ({ ...event, recordedAt: event.recordedAt.replace(/\d{6}Z$/, '000000Z') }),
    () => ({ ...event, data: { ...event.data, forged: true } }),
    () => ({ ...event, evidence: [{ title: 'A forged document', supports: 'Anything.' }] }),
    () => ({ ...event, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }),
  ]
  const changed = JSON.stringify((changes[draw(changes.length)] as () => object)())
  // A time may have had no microseconds.
  const line = changed === lineAt(lines, position) ? changed.replace(/.$/, ',"note":{"en":"x"}}') : changed
  return { what: `position ${position}`, first: position, apply: (client) => setLine(client, position, line) }
}

/** Changes any byte of a line, as far as the database accepts the result as text. */
function changeByte(lines: Lines, draw: Draw): Tampering {
  const position = anyPosition(lines, draw)
  const bytes = Buffer.from(lineAt(lines, position))
  for (;;) {
    const changed = Buffer.from(bytes)
    const at = draw(bytes.length)
    changed[at] = draw(255) + 1
    if (changed.equals(bytes) || !isUtf8(changed)) continue
    const what = `byte ${at} of position ${position} from ${bytes[at]} to ${changed[at]}`
    return { what, first: position, apply: (client) => setLine(client, position, changed.toString('utf8')) }
  }
}

function remove(lines: Lines, draw: Draw): Tampering {
  const position = anyPosition(lines, draw)
  const apply = async (client: PoolClient) =>
    void (await client.query('DELETE FROM events WHERE position = $1', [position]))
  return { what: `position ${position}`, first: position, apply }
}

function removeAndClose(lines: Lines, draw: Draw): Tampering {
  const position = anyPosition(lines, draw)
  const apply = (client: PoolClient) => rewrite(client, lines.toSpliced(position - 1, 1))
  return { what: `position ${position}`, first: position, apply }
}

/** An event that was never recorded, on its own proposal, so that its version fits. */
function forged(position: number, recordedAt: string, draw: Draw): string {
  const number = draw(1_000_000)
  const id = `0199aaaa-0000-7000-8000-${String(number).padStart(12, '0')}`
  const envelope = {
    position,
    recordedAt,
    eventId: id,
    nonce: 'BBBBBBBBBBBBBBBBBBBBBB',
    proposalId: `forged-${number}`,
    version: 1,
  }
  const title = { en: 'A proposal that nobody made' }
  const data = { title, kind: 'forum', parties: [{ party: 'nobody', roles: ['proposer'] }] }
  const said = {
    type: 'proposed',
    schemaVersion: 1,
    occurredOn: '2024-03',
    recordedBy: 'key:forger',
    assertedBy: 'nobody',
    data,
  }
  return JSON.stringify({ ...envelope, ...said })
}

function forgedAt(lines: Lines, position: number, draw: Draw): string {
  return forged(position, JSON.parse(lineAt(lines, position)).recordedAt, draw)
}

/** The later rows are moved, and their lines stay unchanged. */
function insert(lines: Lines, draw: Draw): Tampering {
  const position = anyPosition(lines, draw)
  const line = forgedAt(lines, position, draw)
  const apply = (client: PoolClient) => replaceAll(client, lines.toSpliced(position - 1, 0, line))
  return { what: `before position ${position}`, first: position, apply }
}

function insertAndRenumber(lines: Lines, draw: Draw): Tampering {
  const position = anyPosition(lines, draw)
  const line = forgedAt(lines, position, draw)
  const apply = (client: PoolClient) => rewrite(client, lines.toSpliced(position - 1, 0, line))
  return { what: `before position ${position}`, first: position, apply }
}

function twoPositions(lines: Lines, draw: Draw): [number, number] {
  const one = anyPosition(lines, draw)
  const other = (one + draw(lines.length - 1)) % lines.length
  const second = other + 1 === one ? (one % lines.length) + 1 : other + 1
  return one < second ? [one, second] : [second, one]
}

function swapped(lines: Lines, [one, other]: readonly [number, number]): string[] {
  return lines.with(one - 1, lineAt(lines, other)).with(other - 1, lineAt(lines, one))
}

function swap(lines: Lines, draw: Draw): Tampering {
  const pair = twoPositions(lines, draw)
  return { what: pair.join(' and '), first: pair[0], apply: (client) => replaceAll(client, swapped(lines, pair)) }
}

function swapAndRenumber(lines: Lines, draw: Draw): Tampering {
  const pair = twoPositions(lines, draw)
  return { what: pair.join(' and '), first: pair[0], apply: (client) => rewrite(client, swapped(lines, pair)) }
}

/** The row gets a number beyond the end; its line stays unchanged. */
function renumberRow(lines: Lines, draw: Draw): Tampering {
  const position = anyPosition(lines, draw)
  const to = lines.length + 1 + draw(50)
  const apply = async (client: PoolClient) =>
    void (await client.query('UPDATE events SET position = $2 WHERE position = $1', [position, to]))
  return { what: `${position} to ${to}`, first: position, apply }
}

/** The line gets another position. */
function renumberLine(lines: Lines, draw: Draw): Tampering {
  const [one, other] = twoPositions(lines, draw)
  const [position, to] = draw(2) === 0 ? [one, other] : [other, one]
  const apply = (client: PoolClient) => setLine(client, position, numbered(lineAt(lines, position), to))
  return { what: `${position} to ${to}`, first: position, apply }
}

/** An event moves to another place, and everything between is shifted: rows and lines have the numbers of their new places. */
function move(lines: Lines, draw: Draw): Tampering {
  const [one, other] = twoPositions(lines, draw)
  const [from, to] = draw(2) === 0 ? [one, other] : [other, one]
  const moved = lines.toSpliced(from - 1, 1).toSpliced(to - 1, 0, lineAt(lines, from))
  return { what: `${from} to ${to}`, first: one, apply: (client) => rewrite(client, moved) }
}

function cutTail(lines: Lines, draw: Draw): Tampering {
  const position = anyPosition(lines, draw)
  const apply = async (client: PoolClient) =>
    void (await client.query('DELETE FROM events WHERE position >= $1', [position]))
  return { what: `from position ${position}`, first: position, apply }
}

async function setLine(client: PoolClient, position: number, line: string): Promise<void> {
  await client.query('UPDATE events SET line = $2 WHERE position = $1', [position, line])
}

function numbered(line: string, position: number): string {
  return line.replace(/^\{"position":\d+/, `{"position":${position}`)
}

/** Lines in this order, each with the position of its place. */
export function rewrite(client: PoolClient, lines: Lines): Promise<void> {
  return replaceAll(
    client,
    lines.map((line, index) => numbered(line, index + 1)),
  )
}

/**
 * Replaces the rows from 1 on with these lines; equal rows stay untouched, and the other columns are taken from the lines. (The version is
 * set to the position, which no two events share.)
 */
export async function replaceAll(client: PoolClient, lines: Lines): Promise<void> {
  const { rows } = await client.query('SELECT line FROM events ORDER BY position')
  const same = rows.findIndex(({ line }, index) => line !== lines[index])
  const kept = same < 0 ? rows.length : same
  await client.query('DELETE FROM events WHERE position > $1', [kept])
  await client.query(
    `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
     SELECT $2 + n, line::json ->> 'proposalId', $2 + n, (line::json ->> 'eventId')::uuid, (line::json ->> 'recordedAt')::timestamptz, line
       FROM unnest($1::text[]) WITH ORDINALITY AS t(line, n)`,
    [lines.slice(kept), kept],
  )
}

/** The original rows are kept in another table, to be put back. As superuser: the triggers stay off during the test. */
export async function takeTriggersOff(pool: Pool): Promise<void> {
  await pool.query('ALTER TABLE events DISABLE TRIGGER ALL; CREATE TABLE events_before AS SELECT * FROM events')
}

/** In one transaction, so that a reader sees the log either before or after. */
export async function tamper(pool: Pool, { apply }: Pick<Tampering, 'apply'>): Promise<void> {
  await inTransaction(pool, apply)
}

export async function putBack(pool: Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      `DELETE FROM events e WHERE NOT EXISTS (SELECT FROM events_before b WHERE b.position = e.position AND b.line = e.line
         AND b.proposal_id = e.proposal_id AND b.version = e.version)`,
    )
    await client.query(
      'INSERT INTO events SELECT * FROM events_before b WHERE NOT EXISTS (SELECT FROM events e WHERE e.position = b.position)',
    )
  })
}

async function inTransaction(pool: Pool, work: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN; SET LOCAL synchronous_commit = off')
    await work(client)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
