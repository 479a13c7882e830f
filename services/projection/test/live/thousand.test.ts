import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { eventually, processEnvironment, proposed, scriptOf } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { projectionFlags } from '../../../../scripts/start/node-flags.ts'
import { type Ledger, openLedger } from '../support.ts'

t.setTimeout(180_000)

const readers = 1_000
/** How many of them take nothing, although far more is waiting for them than sockets hold. */
const stalled = 40
/**
 * By how much the service may grow, as a share of what its readers get: for uncollected garbage. If it kept everything, the share would be
 * 1.
 */
const growth = 1 / 4
/** Megabytes that the service may use in production (docs/decisions/0017-one-gate.md). */
const budget = 512

/** The service as in production, in a separate process. */
async function startProcess(t: Test, databaseUrl: string): Promise<{ url: string; child: ChildProcess }> {
  const env = { ...processEnvironment(databaseUrl), LIVE_READERS: String(readers) }
  const child = fork(scriptOf('projection'), { env, execArgv: [...projectionFlags] })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ listening }] = (await once(child, 'message')) as [{ listening: string }]
  return { url: `${listening}/v1/events`, child }
}

/** Megabytes; `VmRSS` for what is resident now, `VmHWM` for the most so far. */
function memoryOf({ pid }: ChildProcess, name: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] =
    new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

interface Reader {
  position: number
  taken: number
  rest: string
  gaps: number
}

async function open(t: Test, url: string, after: number, takes: boolean): Promise<Reader> {
  const sending = request(`${url}?after=${after}`, { headers: { accept: 'text/event-stream' }, agent: false })
  sending.end()
  t.teardown(() => sending.destroy())
  const [response] = (await once(sending, 'response')) as [IncomingMessage]
  const reader: Reader = { position: after, taken: 0, rest: '', gaps: 0 }
  if (takes) response.setEncoding('latin1').on('data', (text: string) => take(reader, text))
  else response.pause()
  return reader
}

/** Only the reader's position is kept; a position that does not follow the last one is a gap. */
function take(reader: Reader, text: string): void {
  reader.taken += text.length
  const lines = (reader.rest + text).split('\n')
  reader.rest = lines.pop() ?? ''
  for (const line of lines) {
    if (!line.startsWith('data: ')) continue
    const position = Number(/^data: \{"position":(\d+),/.exec(line)?.[1])
    if (position !== reader.position + 1) reader.gaps += 1
    reader.position = position
  }
}

async function recordLarge(ledger: Ledger): Promise<number> {
  const text = 'x'.repeat(9_500)
  const note = { en: text, vi: text, ko: text, fr: text, de: text }
  let head = 0
  for (let round = 0; round < 10; round += 1) {
    const events = Array.from(
      { length: 40 },
      (_, index) => [`large-${round}-${index}`, proposed({}, { note })] as const,
    )
    head = await ledger.recordAll(events)
  }
  return head
}

async function recordSmall(ledger: Ledger, round: number): Promise<number> {
  return ledger.recordAll(Array.from({ length: 60 }, (_, index) => [`small-${round}-${index}`, proposed()] as const))
}

t.test('a thousand readers, some of which take nothing, get every event once while memory stays flat', async (t) => {
  if (process.platform !== 'linux') return
  const ledger = await openLedger(t, { durable: true })
  const head = await recordLarge(ledger)
  const { url, child } = await startProcess(t, ledger.database.url)
  const all: Reader[] = []
  for (let opened = 0; opened < readers; opened += 50) {
    const some = Array.from({ length: 50 }, (_, index) =>
      opened + index < stalled ? open(t, url, 0, false) : open(t, url, head, true),
    )
    all.push(...(await Promise.all(some)))
  }
  const reading = all.slice(stalled)
  const took = async (position: number) => {
    await eventually(() => reading.every((reader) => reader.position === position), { within: 60_000 })
  }
  await took(await recordSmall(ledger, 0))
  const megabytesTaken = () => reading.reduce((sum, reader) => sum + reader.taken, 0) / 2 ** 20
  const takenBefore = megabytesTaken()
  const before = memoryOf(child, 'VmRSS')
  for (let round = 1; round <= 5; round += 1) await took(await recordSmall(ledger, round))
  const after = memoryOf(child, 'VmRSS')
  const taken = megabytesTaken() - takenBefore
  t.comment(
    `${before.toFixed(0)} MB with ${readers} readers, ${after.toFixed(0)} MB after 300 events to each, ${taken.toFixed(0)} MB in all`,
  )
  t.equal(
    reading.reduce((gaps, reader) => gaps + reader.gaps, 0),
    0,
    'nobody missed anything or got anything twice',
  )
  t.ok(after - before < growth * taken, `grew by ${(after - before).toFixed(1)} MB while it sent ${taken.toFixed(0)}`)
  t.ok(memoryOf(child, 'VmHWM') < budget, `at most ${memoryOf(child, 'VmHWM').toFixed(0)} MB`)
  const refused = request(url, { headers: { accept: 'text/event-stream' }, agent: false }).end()
  const [{ statusCode }] = (await once(refused, 'response')) as [IncomingMessage]
  refused.destroy()
  t.equal(statusCode, 503, 'one more than is allowed is told so')
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null], 'it ends in order, also with readers that take nothing')
})
