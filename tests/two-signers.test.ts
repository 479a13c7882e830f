/** Two hosts sign by turns, with an etcd that keeps the last signed checkpoint for both. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  eventually,
  openDatabase,
  processEnvironment,
  proposed,
  scriptOf,
  startEtcd,
  type TcpProxy,
  type TestDatabase,
  type TestEtcd,
  tcpProxy,
  temporaryFolder,
  withoutEtcd,
} from '@commitments/test-kit'
import { newKey, startCommand } from '@commitments/test-kit/services'
import { append, emptyFrontier, leafHash, parseCheckpoint, parseNote, rootOfFrontier } from '@commitments/transparency'
import t, { type Test } from 'tap'

t.setTimeout(300_000)

const key = 'record-secret-0123456789'

/** The steps between which a signing instance is killed; each kills it as soon as that step is done, or is about to be. */
const steps: [string, (host: Host, etcd: WatchedEtcd) => Promise<void>][] = [
  ['before etcd is told', async (_host, etcd) => etcd.hold('request')],
  ['after etcd has it, before the signer knows', async (_host, etcd) => etcd.hold('answer')],
  ['before the commit', async ({ toDatabase }) => toDatabase.loseAnswer(has('insert-log-checkpoint'))],
  [
    'after the commit, before the signer knows',
    async ({ toDatabase }) => {
      await toDatabase.seeRequest(has('insert-log-checkpoint'))
      await toDatabase.loseAnswer(has('COMMIT'))
    },
  ],
]

function has(text: string) {
  return (request: Buffer) => request.includes(text)
}

t.test(
  'two hosts sign by turns, killed between any two steps, and no two of their checkpoints contradict each other',
  { skip: withoutEtcd },
  async (t) => {
    const ledger = await openLedger(t)
    const etcd = await watchedEtcd(t)
    const start = await hosts(t, ledger, etcd)
    let signing = await start('a')
    await signing.signs(await ledger.record())
    let other = await start('b')
    await other.signs(await ledger.record())
    for (const [step, reached] of steps) {
      // The one that started last signs.
      ;[signing, other] = [other, signing]
      const done = reached(signing, etcd)
      const position = await ledger.record()
      await done
      await signing.kill()
      etcd.release()
      await other.signs(position)
      t.pass(`killed ${step}: the other signs on`)
      const name = signing.name
      signing = other
      other = await start(name)
      await other.signs(await ledger.record())
    }
    const lines = await ledger.lines()
    t.ok(etcd.notes.length >= steps.length)
    const sizes = etcd.notes.map((note) => checkpointIn(note).size)
    t.same(
      sizes,
      sizes.toSorted((one, two) => one - two),
      'none went back',
    )
    for (const note of etcd.notes) {
      const { size, root } = checkpointIn(note)
      if (!root.equals(rootOf(lines.slice(0, size)))) t.fail(`the checkpoint of ${size} events is not of this log`)
    }
  },
)

t.test(
  'while etcd is away signing stops with its reason and everything else goes on, and it goes on when etcd is back',
  { skip: withoutEtcd },
  async (t) => {
    const ledger = await openLedger(t)
    const etcd = await watchedEtcd(t)
    const start = await hosts(t, ledger, etcd)
    const host = await start('a')
    await host.signs(await ledger.record())
    await etcd.real.kill()
    const position = await ledger.record()
    await host.says(/^Nothing is signed: The place that keeps the last signed checkpoint gives no answer \(the key/)
    t.match(await host.get('/health/ready'), { status: 200 }, 'it answers what it is for')
    t.match(await host.get(`/v1/proposals?atLeast=${position}`), { status: 200 })
    t.equal((await host.signed())?.size, position - 1)
    const other = await start('b')
    await other.says(/gives no answer/)
    await etcd.real.restart()
    await other.signs(await ledger.record())
    await host.signs(position + 1)
  },
)

t.test(
  'an etcd that was restored to an earlier state, or lost everything, is not signed with',
  { skip: withoutEtcd },
  async (t) => {
    const ledger = await openLedger(t)
    const etcd = await watchedEtcd(t)
    const start = await hosts(t, ledger, etcd)
    const host = await start('a')
    await host.signs(await ledger.record())
    const [[place, old]] = [...(await etcd.real.list('/commitments/'))] as [[string, string]]
    const newest = await ledger.record()
    await host.signs(newest)
    await etcd.real.put(place, old)
    await host.says(/The kept checkpoint has 1 events \(the key .*\), but the database says that 2 were signed/)
    await ledger.record()
    await etcd.real.put(place, null)
    await host.says(/the kept one that would confirm it is missing \(the key .* in etcd\)/)
    const { body } = await host.get('/log/checkpoint')
    t.equal(checkpointIn(body).size, newest, 'nothing was signed meanwhile')
    await etcd.real.put(place, body)
    await host.signs(newest + 1)
  },
)

interface Ledger {
  readonly database: TestDatabase
  /** Records one event; returns its position. */
  record(): Promise<number>
  lines(): Promise<string[]>
}

async function openLedger(t: Test): Promise<Ledger> {
  const database = await openDatabase(t, { durable: true })
  const { app } = await startCommand(t, database, { environment: { API_KEYS: `recorder:record:${key}` } })
  let recorded = 0
  return {
    database,
    record: async () => {
      recorded += 1
      const headers = { authorization: `Bearer ${key}` }
      const request = {
        url: `/v1/proposals/p${recorded}/events`,
        method: 'POST',
        headers,
        payload: proposed(),
      } as const
      const answer = await app.inject(request)
      if (answer.statusCode !== 201) throw new Error(answer.body)
      return answer.json().position
    },
    lines: async () => {
      const { rows } = await database.pool().query<{ line: string }>('SELECT line FROM events ORDER BY position')
      return rows.map(({ line }) => line)
    },
  }
}

interface Host {
  readonly name: string
  readonly toDatabase: DatabaseWire
  get(path: string): Promise<{ status: number; body: string }>
  /** The served checkpoint; null while there is none. */
  signed(): Promise<{ size: number } | null>
  /** Waits until so many events are signed and this host serves that. */
  signs(size: number): Promise<void>
  /** Waits until the check of the transparency log says this. */
  says(detail: RegExp): Promise<void>
  kill(): Promise<void>
}

interface DatabaseWire extends Pick<TcpProxy, 'loseAnswer'> {
  /** Waits for a request, which is let through. */
  seeRequest(matches: (request: Buffer) => boolean): Promise<void>
}

/** Starts projection services as processes with one key: nothing else do their hosts have in common but the database and etcd. */
async function hosts(t: Test, { database }: Ledger, etcd: WatchedEtcd): Promise<(name: string) => Promise<Host>> {
  const keyFile = join(temporaryFolder(t), 'log-key.pem')
  writeFileSync(keyFile, newKey().export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  // A host that starts again has what it had.
  const places = new Map<string, Record<string, string>>()
  return async (name) => {
    const own = places.get(name) ?? processEnvironment(database.url)
    places.set(name, own)
    const proxy = await tcpProxy(t, { port: Number(new URL(database.url).port) })
    const env = {
      ...own,
      DATABASE_URL: proxy.through(database.url),
      LOG_KEY_FILE: keyFile,
      LOG_STATE_ETCD: etcd.address,
      LOG_ORIGIN: 'log.example/ledger',
    }
    const child = fork(scriptOf('projection'), { env })
    t.teardown(() => child.kill('SIGKILL'))
    const [{ listening }] = (await once(child, 'message')) as [{ listening: string }]
    return { name, toDatabase: wireOf(proxy), ...handleOf(child, listening) }
  }
}

function wireOf(proxy: TcpProxy): DatabaseWire {
  return {
    loseAnswer: (matches) => proxy.loseAnswer(matches),
    seeRequest: (matches) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      // It never takes the answer away: it says no to every request, and remembers the one.
      void proxy.loseAnswer((request) => {
        if (matches(request)) resolve()
        return false
      })
      return promise
    },
  }
}

function handleOf(child: ChildProcess, url: string): Omit<Host, 'name' | 'toDatabase'> {
  const get = async (path: string) => {
    const answer = await fetch(url + path)
    return { status: answer.status, body: await answer.text() }
  }
  const signed = async () => {
    const { status, body } = await get('/log/checkpoint')
    return status === 200 ? checkpointIn(body) : null
  }
  return {
    get,
    signed,
    signs: async (size) => {
      await eventually(
        async () => {
          const served = await signed()
          if (served?.size !== size) throw new Error(`${served?.size} of ${size} are signed; ${await check(get)}`)
        },
        { within: 30_000 },
      )
    },
    says: async (detail) => {
      await eventually(
        async () => {
          const said = await check(get)
          if (!detail.test(said)) throw new Error(said)
        },
        { within: 30_000 },
      )
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function check(get: Host['get']): Promise<string> {
  const { checks } = JSON.parse((await get('/health/ready')).body)
  return checks.find(({ name }: { name: string }) => name === 'transparency-log').detail
}

interface WatchedEtcd {
  readonly real: TestEtcd
  /** Of the wire to it. */
  readonly address: string
  /** The notes that it has taken, in order. */
  readonly notes: string[]
  /** Keeps the next request to set something, or the answer to it, back until `release`; resolves when it is there. */
  hold(what: 'request' | 'answer'): Promise<void>
  release(): void
}

/** A real etcd behind a wire that sees each question. */
async function watchedEtcd(t: Test): Promise<WatchedEtcd> {
  const real = await startEtcd(t)
  const notes: string[] = []
  let held: { what: 'request' | 'answer'; there: () => void } | null = null
  let released: PromiseWithResolvers<void> = Promise.withResolvers()
  const holdHere = async (what: 'request' | 'answer', isSetting: boolean) => {
    if (!isSetting || held?.what !== what) return
    held.there()
    await released.promise
  }
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const isSetting = request.url === '/v3/kv/txn'
    await holdHere('request', isSetting)
    if (request.socket.destroyed) return
    try {
      const answer = await fetch(`http://${real.host}${request.url}`, { method: 'POST', body })
      const said = await answer.text()
      if (isSetting && JSON.parse(said).succeeded) notes.push(noteIn(body))
      await holdHere('answer', isSetting)
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(said)
    } catch {
      request.socket.destroy()
    }
  }
  const server = createServer((request, response) => void pass(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    real,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notes,
    hold: (what) => {
      released = Promise.withResolvers()
      return new Promise((there) => {
        held = { what, there }
      })
    },
    release: () => {
      held = null
      released.resolve()
    },
  }
}

function noteIn(transaction: string): string {
  const { success } = JSON.parse(transaction)
  return Buffer.from(success[0].request_put.value, 'base64').toString()
}

function checkpointIn(note: string): { size: number; root: Buffer } {
  const parsed = parseNote(note)
  const checkpoint = typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
  if (checkpoint === null) throw new Error(note)
  return checkpoint
}

function rootOf(lines: readonly string[]): Buffer {
  const frontier = emptyFrontier()
  for (const line of lines) append(frontier, leafHash(Buffer.from(line)))
  return rootOfFrontier(frontier)
}
