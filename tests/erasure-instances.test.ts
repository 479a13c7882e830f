/** Several instances of both services over one database, as processes: none of them shows a text under a position at which it was erased. */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@commitments/client'
import { eventually, freePort, openDatabase, processEnvironment, scriptOf } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { openStream } from '../services/projection/test/live/event-stream.ts'
import { answersWithSecret, environment, keys, recordSubject, secret, tablesWithSecret } from './erasure/support.ts'
import { startInstance } from './upgrade/rolling.ts'

t.setTimeout(600_000)

const authorization = `Bearer ${keys.second}`

interface Instance {
  readonly url: string
  readonly process: ChildProcess
}

async function start(t: Test, databaseUrl: string, name: 'command' | 'projection', more = {}): Promise<Instance> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const IATI_FILE = join(import.meta.dirname, '../data/iati.json')
  const own = name === 'projection' ? { IATI_FILE, PUBLIC_URL: 'http://127.0.0.1' } : {}
  const env = { ...processEnvironment(databaseUrl), ...environment, ...own, PORT: String(port), ...more }
  return { url, process: await startInstance(t, scriptOf(name), env) }
}

/** What is read over and over while the texts are erased: each may be kept somewhere. */
const paths = [
  '/v1/proposals/lab',
  '/v1/proposals/lab?asOf=2026-11-30',
  '/v1/proposals/lab?knownAtPosition=4',
  '/v1/proposals/lab/events',
  '/v1/proposals/lab/events/1',
  '/v1/proposals/lab/iati',
  '/v1/iati/activities.xml',
  '/v1/iati/report',
  '/v1/proposals',
  '/v1/proposals?knownAtPosition=4',
  '/v1/proposals?q=other',
  '/v1/parties',
  '/v1/events',
  '/v1/activity',
  '/v1/calendar',
]

interface Answer {
  readonly at: string
  readonly position: number
  readonly hasSecret: boolean
}

/** Reads all of them until it is stopped, also with the tags that it has got. */
function readOn(url: string): { readonly answers: Answer[]; stop(): Promise<void> } {
  const [answers, known] = [[] as Answer[], new Map<string, { etag: string; hasSecret: boolean }>()]
  let isOpen = true
  const reading = (async () => {
    while (isOpen) {
      for (const path of paths) {
        const before = known.get(path)
        const answer = await fetch(`${url}${path}`, {
          headers: { authorization, ...(before ? { 'if-none-match': before.etag } : {}) },
        })
        const body = await answer.text()
        const hasSecret = answer.status === 304 ? before?.hasSecret === true : body.includes(secret)
        answers.push({
          at: `${answer.status} ${path}`,
          position: Number(answer.headers.get('log-position')),
          hasSecret,
        })
        const etag = answer.headers.get('etag')
        if (answer.status === 200 && etag) known.set(path, { etag, hasSecret })
      }
      await sleep(5)
    }
  })()
  return {
    answers,
    stop: async () => {
      isOpen = false
      await reading
    },
  }
}

t.test('no instance shows a text once it has seen its erasure, and a slow one says how far it is', async (t) => {
  const database = await openDatabase(t, { durable: true })
  const command = await start(t, database.url, 'command')
  const [other, ...projections] = await Promise.all([
    start(t, database.url, 'command'),
    start(t, database.url, 'projection'),
    start(t, database.url, 'projection'),
    start(t, database.url, 'projection', { PROJECTION_MODE: 'read' }),
  ])
  const [first, slow] = projections
  const client = createClient({ commandUrl: command.url, projectionUrl: first.url, apiKey: keys.recorder })
  const streams = await Promise.all(projections.map(({ url }) => openStream(t, `${url}/v1/events`, { authorization })))
  const positions = await recordSubject({ client })
  const applied = (url: string, position: number) =>
    eventually(
      async () => {
        const answer = await fetch(`${url}/v1/projections`, { headers: { authorization } })
        const { projections: all } = (await answer.json()) as { projections: { name: string; position: number }[] }
        if (all.some((one) => one.position < position)) throw new Error(JSON.stringify(all))
      },
      { within: 60_000 },
    )
  for (const [index, { url }] of projections.entries()) {
    await applied(url, 8)
    await streams[index]?.until(8)
    t.not((await answersWithSecret({ commandUrl: command.url, url }, 8)).found.length, 0, 'the secret is there before')
  }
  const readers = projections.map(({ url }) => readOn(url))
  await eventually(() => readers.every(({ answers }) => answers.length > 2 * paths.length), { within: 60_000 })
  slow.process.kill('SIGSTOP')
  const asked = { positions, reason: { en: 'It named a person.' }, decidedBy: { en: 'The office' } }
  const post = async (url: string, key: string, body?: object) => {
    const headers = { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) }
    const answer = await fetch(url, { method: 'POST', headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    return { status: answer.status, body: (await answer.json()) as { erasureId: string; version: number } }
  }
  const { body } = await post(`${command.url}/v1/admin/erasures`, keys.first, asked)
  t.match(await post(`${other?.url}/v1/admin/erasures/${body.erasureId}/approval`, keys.second), { status: 200 })
  // The command service that did not erase decides on what is there now, whatever it remembers.
  const update = { type: 'updated', occurredOn: null, assertedBy: 'most-vn', data: { title: { en: 'Said anew' } } }
  t.match(await post(`${command.url}/v1/proposals/third/events`, keys.recorder, update), { status: 201 })
  await applied(first.url, 11)
  slow.process.kill('SIGCONT')
  for (const { url } of projections) await applied(url, 11)
  await eventually(() => readers.every(({ answers }) => answers.filter(({ position }) => position > 10).length > 50), {
    within: 60_000,
  })
  for (const reader of readers) await reader.stop()
  for (const [index, { answers }] of readers.entries()) {
    t.ok(answers.some(({ hasSecret }) => hasSecret))
    t.same(
      answers.filter(({ position, hasSecret }) => hasSecret && position >= 10),
      [],
      `instance ${index}: of ${answers.length} answers`,
    )
  }
  for (const { url } of projections) {
    const { asked: count, found } = await answersWithSecret({ commandUrl: command.url, url }, 11)
    t.ok(count > 100)
    t.same(found, [], url)
    const stream = await openStream(t, `${url}/v1/events`, { authorization })
    await stream.until(11)
    t.notMatch(
      stream.text(),
      secret,
      'also who follows from the beginning, beside readers that have followed all along',
    )
  }
  t.same(await tablesWithSecret(database), [])
})
