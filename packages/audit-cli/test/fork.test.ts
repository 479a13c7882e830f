import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { acceptRestore } from '@commitments/event-store'
import { eventually, proposed, startWitness, type TestWitness, temporaryFolder } from '@commitments/test-kit'
import { newKey, signingFor } from '@commitments/test-kit/services'
import { openCheckpoint, parseVerifierKey, verifierKey } from '@commitments/transparency'
import t, { type Test } from 'tap'
import { exportLog, verify } from '../src/index.ts'
import { makePack } from '../src/pack/make.ts'
import { type Audited, openAudited, recordPortfolio, servedCheckpoint, startProjection } from './services.ts'
import { takeTriggersOff } from './tampering.ts'

// Somebody who has the database, the files and the log's key can rewrite history, and build and sign a whole new tree that is consistent.
// Only data that somebody kept from before, or that a witness saw, show it.

t.setTimeout(300_000)

interface Forked {
  readonly url: string
  readonly audited: Audited
  /** What an auditor kept from before. */
  readonly memory: string
  readonly checkpoint: string
  readonly lines: string
  readonly size: number
}

/** The position whose event is rewritten. */
const rewritten = 42

/** A log that was checked once, and then rewritten, rebuilt and signed again with the same key. */
async function forkedLog(t: Test, { signing = signingFor(t), shorterBy = 0 } = {}): Promise<Forked> {
  const audited = await openAudited(t, signing)
  const size = await recordPortfolio(audited)
  await audited.signed(size)
  const place = temporaryFolder(t)
  const before = {
    memory: join(place, 'memory'),
    checkpoint: join(place, 'checkpoint'),
    lines: join(place, 'log.ndjson'),
  }
  t.match(await verify({ source: audited.url, status: false, memory: before.memory }), { outcome: /^valid$/ })
  writeFileSync(before.checkpoint, (await servedCheckpoint(audited.url)).note)
  writeFileSync(before.lines, await linesServed(audited.url))
  await audited.stop()
  await rewriteHistory(audited, shorterBy)
  const { url } = await startProjection(t, audited.database, { ...signing, witnesses: [] })
  await untilSigned(url, size - shorterBy)
  return { url, audited: { ...audited, url }, size, ...before }
}

async function linesServed(url: string): Promise<string> {
  return (await fetch(`${url}/v1/events?after=0`, { headers: { Accept: 'application/x-ndjson' } })).text()
}

/**
 * As superuser: another line, no trace of the old tree, and no file with the last signed checkpoint. The rows fit their lines, or the comparison of
 * the service would stop it from signing.
 */
async function rewriteHistory({ database, signing }: Audited, shorterBy = 0): Promise<void> {
  const pool = database.pool()
  await takeTriggersOff(pool)
  const { rows } = await pool.query('SELECT line FROM events ORDER BY position')
  const forged = forgedFrom(rows[rewritten - 1].line)
  await pool.query('UPDATE events SET line = $2 WHERE position = $1', [rewritten, forged])
  await pool.query('DELETE FROM events WHERE position > $1', [rows.length - shorterBy])
  await pool.query(
    `UPDATE log_tree SET size = 0, root = sha256(''), frontier = '', last_leaf = NULL; DELETE FROM log_tiles; DELETE FROM log_checkpoints`,
  )
  for (const file of readdirSync(signing.home.place)) await rm(join(signing.home.place, file))
}

function forgedFrom(line: string): string {
  return JSON.stringify({ ...JSON.parse(line), occurredOn: '2001' })
}

t.test(
  'a log that was rewritten and signed again is valid for an auditor without kept data, and forked for one with it',
  async (t) => {
    const { url, memory, checkpoint, lines, size } = await forkedLog(t)
    t.match(await verify({ source: url, status: false }), { outcome: /^valid$/ }, 'alone it agrees with itself')

    const kept = await verify({ source: url, status: false, memory })
    t.match(
      kept,
      { outcome: 'invalid', position: rewritten, sentence: new RegExp(`forked at or before size ${size}`) },
      kept.sentence,
    )
    t.match(kept.sentence, /both signed and cannot both be true/)

    const noLines = await verify({ source: url, status: false, earlier: [checkpoint] })
    t.match(noLines, { outcome: 'invalid', position: null }, noLines.sentence)
    t.match(
      noLines.sentence,
      new RegExp(`INVALID at or before position ${size} because the log forked at or before size ${size}`),
    )

    const withLines = await verify({ source: url, status: false, earlier: [checkpoint], keptLines: [lines] })
    t.match(withLines, { outcome: 'invalid', position: rewritten, sentence: /forked at or before size/ })
  },
)

t.test('a shorter log that contradicts the memory', async (t) => {
  const shorterBy = 20
  const { url, memory, checkpoint, lines, size } = await forkedLog(t, { shorterBy })
  const now = size - shorterBy
  const forked = {
    outcome: 'invalid',
    position: rewritten,
    sentence: new RegExp(
      `forked at or before size ${now}: the present checkpoint .* and the checkpoint that was kept .*\\(size ${size}\\) are both signed`,
    ),
  }
  await t.test('has forked, and the contradicting checkpoint is kept as evidence', async (t) => {
    const verdict = await verify({ source: url, status: false, memory })
    t.match(verdict, forked, verdict.sentence)
    t.equal(readFileSync(join(memory, 'checkpoint'), 'utf8'), readFileSync(checkpoint, 'utf8'))
    const name = readdirSync(memory).find((one) => one.startsWith('contradicting-checkpoint-'))
    t.equal(readFileSync(join(memory, String(name)), 'utf8'), (await servedCheckpoint(url)).note)
  })
  await t.test('gives no pack: pack uses the memory, and says what verify says', async (t) => {
    const folder = join(temporaryFolder(t), 'pack')
    const { verdict } = await makePack({ source: url, proposalId: 'vkist-phase-2', folder, memory })
    t.match(verdict, forked, verdict.sentence)
    t.notOk(existsSync(folder))
  })
  await t.test('is INVALID where lines that were kept say something else, whatever else agrees', async (t) => {
    const verdict = await verify({ source: url, status: false, keptLines: [lines] })
    t.match(verdict, { outcome: 'invalid', position: rewritten, sentence: /its line is not the one that .* holds/ })
  })
  await t.test('is INVALID where lines were kept that it does not have any more', async (t) => {
    const own = join(temporaryFolder(t), 'own.ndjson')
    const served = await linesServed(url)
    writeFileSync(own, served)
    t.match(await verify({ source: url, status: false, keptLines: [own] }), { outcome: /^valid$/ })
    const shorter = join(temporaryFolder(t), 'shorter.ndjson')
    const kept = served.split('\n').slice(0, -3).join('\n')
    writeFileSync(shorter, `${kept}\n`)
    const verdict = await verify({ source: shorter, log: url, status: false, keptLines: [own] })
    t.match(verdict, { outcome: 'invalid', position: now - 1, sentence: /it is missing/ })
  })
  await t.test('could not be checked with kept lines that are no log', async (t) => {
    const junk = join(temporaryFolder(t), 'junk')
    writeFileSync(junk, 'root:x:0:0\n')
    for (const path of [junk, temporaryFolder(t)])
      await t.rejects(verify({ source: url, status: false, keptLines: [path] }), { name: 'CannotCheck' }, path)
  })
})

t.test('a new memory keeps the known key: whoever signs with another one is not VALID', async (t) => {
  const [one, other] = await Promise.all([openAudited(t), openAudited(t)])
  await acceptRestore(other.database.pool(), 'an invented restore')
  for (const { client, signed } of [one, other]) {
    await client.recordEvent('lab', proposed())
    await signed(1)
  }
  const memory = join(temporaryFolder(t), 'memory')
  t.match(await verify({ source: one.url, status: false, memory }), { outcome: /^valid$/ })
  const impostor = { source: other.url, status: false, memory, beginAnew: true }
  t.match(await verify(impostor), { outcome: 'could-not-be-checked', sentence: /not by a key that is trusted here/ })
  const again = await verify({ source: one.url, status: false, memory, beginAnew: true })
  t.match(again, { outcome: /^valid$/, sentence: /^((?!taken on trust).)*$/ })
  const key = (await (await fetch(`${other.url}/log/vkey`)).text()).trim()
  t.match(await verify({ ...impostor, keys: [key] }), { outcome: /^valid$/ }, 'a key from elsewhere decides')
})

t.test('a memory that cannot be written costs a sentence, and not the verdict', async (t) => {
  const { client, signed, url } = await openAudited(t)
  await client.recordEvent('lab', proposed())
  await signed(1)
  const file = join(temporaryFolder(t), 'file')
  writeFileSync(file, '')
  const verdict = await verify({ source: url, status: false, memory: join(file, 'memory') })
  t.match(verdict, { outcome: /^valid$/ })
  t.match(verdict.checks.at(-1), { name: 'memory', finding: { outcome: 'left-out', sentence: /could not be kept in/ } })
})

async function untilSigned(url: string, size: number): Promise<void> {
  await eventually(
    async () => {
      const { checkpoint } = await servedCheckpoint(url)
      if (checkpoint.size < size)
        throw new Error(`signed are ${checkpoint.size} events, not ${size}: ${await health(url)}`)
    },
    { within: 20_000 },
  )
}

async function health(url: string): Promise<string> {
  return (await fetch(`${url}/health/ready`)).text()
}

t.test('a checkpoint that contradicts the kept one is stored beside it, and the kept one stays', async (t) => {
  const { url, memory, checkpoint, size } = await forkedLog(t)
  await verify({ source: url, status: false, memory })
  const names = readdirSync(memory)
  const contradicting = names.find((name) => name.startsWith('contradicting-checkpoint-'))
  t.ok(contradicting)
  t.equal(readFileSync(join(memory, 'checkpoint'), 'utf8'), readFileSync(checkpoint, 'utf8'))
  const vkeys = (await (await fetch(`${url}/log/vkey`)).text())
    .split('\n')
    .flatMap((vkey) => parseVerifierKey(vkey) ?? [])
  for (const name of ['checkpoint', contradicting as string]) {
    const note = readFileSync(join(memory, name))
    t.match(
      openCheckpoint(note, { verifiers: vkeys }),
      { outcome: 'verified', checkpoint: { size } },
      'both are signed',
    )
  }
  t.match(
    await verify({ source: url, status: false, memory }),
    { outcome: 'invalid' },
    'and it is found again the next time',
  )
})

t.test('with two earlier checkpoints, the one that still holds shows where the log forked', async (t) => {
  const audited = await openAudited(t)
  const place = temporaryFolder(t)
  const early = join(place, 'early')
  await recordFirst(audited, 20)
  writeFileSync(early, await audited.signed(20))
  const size = await recordPortfolio(audited)
  const late = join(place, 'late')
  writeFileSync(late, await audited.signed(size))
  await audited.stop()
  await rewriteHistory(audited)
  const { url } = await startProjection(t, audited.database, audited.signing)
  await untilSigned(url, size)
  const verdict = await verify({ source: url, status: false, earlier: [early, late] })
  t.match(
    verdict.sentence,
    new RegExp(`INVALID at one of the positions 21 to ${size} because the log forked at or before size ${size}`),
  )
})

async function recordFirst({ client }: Audited, count: number): Promise<void> {
  await client.recordAtomically(
    Array.from({ length: count }, (_, at) => ({ ...proposed(), proposalId: `first-${at}` })),
  )
}

t.test('a witness that saw the first log does not cosign the second, and reports the first', async (t) => {
  const witness = await startWitness(t)
  const key = newKey()
  const signing = signingFor(t, { keys: [key], witnesses: [{ verifier: witness.verifier, url: witness.url }] })
  const { url, size } = await forkedWitnessedLog(t, signing, witness)
  await untilSigned(url, size)
  const told = await verify({ source: url, status: false, witnesses: [`${witness.vkey} ${witness.url}`] })
  t.match(told, {
    outcome: 'invalid',
    sentence: new RegExp(`forked at or before size ${size}: the checkpoint that the witness`),
  })
  const silent = await verify({ source: url, status: false, witnesses: [witness.vkey] })
  t.match(silent, { outcome: 'could-not-be-checked', sentence: /is not cosigned by witness.example/ })
})

async function forkedWitnessedLog(t: Test, signing: Audited['signing'], witness: TestWitness) {
  const audited = await openAuditedBy(t, signing, witness)
  const size = await recordPortfolio(audited)
  await audited.signed(size)
  const given = { source: audited.url, status: false, witnesses: [`${witness.vkey} ${witness.url}`] }
  const verdict = await verify(given)
  t.match(verdict, { outcome: /^valid$/ }, verdict.sentence)
  await audited.stop()
  await rewriteHistory(audited)
  const { url } = await startProjection(t, audited.database, { ...signing, witnesses: [] })
  return { url, size }
}

/** The witness must know the log before it is asked, and the origin of the log is only known from its database. */
async function openAuditedBy(t: Test, signing: Audited['signing'], witness: TestWitness): Promise<Audited> {
  const audited = await openAudited(t, signing)
  const { rows } = await audited.database.pool().query('SELECT log_id FROM log_identity')
  const origin = `${signing.origin}/${rows[0].log_id}`
  witness.trust(origin, [verifierKey(origin, signing.keys[0]!)])
  return audited
}

t.test('tiles that were changed with the line do not help: the root is signed', async (t) => {
  const audited = await openAudited(t)
  const size = await recordPortfolio(audited)
  await audited.signed(size)
  const memory = join(temporaryFolder(t), 'memory')
  t.match(await verify({ source: audited.url, status: false, memory }), { outcome: /^valid$/ })
  await audited.stop()
  const pool = audited.database.pool()
  await takeTriggersOff(pool)
  const { rows } = await pool.query('SELECT line FROM events WHERE position = $1', [rewritten])
  const forged = forgedFrom(rows[0].line)
  await pool.query('UPDATE events SET line = $2 WHERE position = $1', [rewritten, forged])
  await pool.query(
    `UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('\\x00'::bytea || convert_to($1, 'UTF8')) FROM $2)
      WHERE level = 0 AND index = 0`,
    [forged, (rewritten - 1) * 32 + 1],
  )
  const { url } = await startProjection(t, audited.database, null)
  const alone = await verify({ source: url, status: false })
  t.match(alone, { outcome: 'invalid', position: null }, alone.sentence)
  t.match(
    alone.sentence,
    /at one of the positions 1 to 256 because .* the served tiles are not those of the signed tree either/,
  )
  t.match(await verify({ source: url, status: false, memory }), { outcome: 'invalid', position: rewritten })
})

t.test(
  'a log is recognized by its Log-Id and its key, whatever the spelling of its address and the name of its file',
  async (t) => {
    const audited = await openAudited(t)
    const size = await recordPortfolio(audited)
    await audited.signed(size)
    const memories = temporaryFolder(t)
    t.match(await verify({ source: audited.url, status: false, memories }), {
      outcome: /^valid$/,
      sentence: /taken on trust/,
    })
    t.equal(readdirSync(memories).length, 1)
    await audited.stop()
    await rewriteHistory(audited)
    const { url } = await startProjection(t, audited.database, { ...audited.signing, witnesses: [] })
    await untilSigned(url, size)
    const forked = { outcome: 'invalid', position: rewritten, sentence: new RegExp(`forked at or before size ${size}`) }
    const respelt = [`${url}/`, url.replace('127.0.0.1', 'localhost'), url.replace('http:', 'HTTP:')]
    for (const source of [url, ...respelt]) t.match(await verify({ source, status: false, memories }), forked, source)
    const file = join(temporaryFolder(t), 'whatever.ndjson')
    await exportLog({ source: url, file })
    t.match(await verify({ source: file, memories }), forked, 'from a file, by another name')
    t.equal(readdirSync(memories).length, 1)
  },
)

t.test(
  'another log at an address that was checked before is not valid unless the user begins a new memory',
  async (t) => {
    const [one, other] = await Promise.all([openAudited(t), openAudited(t)])
    // Test databases are copies of one, so they would have the same Log-Id.
    await acceptRestore(other.database.pool(), 'another log')
    for (const { client, signed } of [one, other]) {
      await client.recordEvent('lab', proposed())
      await signed(1)
    }
    const memories = temporaryFolder(t)
    t.match(await verify({ source: one.url, status: false, memories }), { outcome: /^valid$/ })
    // From now on, the same address leads to the other log.
    const fetchOther: typeof fetch = (input, init) => fetch(new Request(input).url.replace(one.url, other.url), init)
    const moved = { source: one.url, status: false, memories, fetch: fetchOther }
    const lines = join(temporaryFolder(t), 'other.ndjson')
    await exportLog({ source: other.url, file: lines })
    const { checks } = await verify({ ...moved, source: one.url })
    t.match(
      checks.find(({ name }) => name === 'signature'),
      { finding: { outcome: 'not-checked', because: /not by a key that is trusted here/ } },
    )
    t.match(await verify({ source: lines, memories }), { outcome: /^valid$/ }, 'by itself it is a log like any other')
    t.equal(readdirSync(memories).length, 2, 'with a memory of its own')
  },
)
