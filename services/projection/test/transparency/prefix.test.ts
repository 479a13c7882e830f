import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { acceptRestore, readLogIdentity } from '@commitments/event-store'
import { folderHome } from '@commitments/projection'
import { temporaryFolder } from '@commitments/test-kit'
import { newKey, signingFor } from '@commitments/test-kit/services'
import { decodeEntries } from '@commitments/transparency'
import t from 'tap'
import { openLedger, startService } from '../support.ts'
import { linesOf, recordMany, startKeeping } from './support.ts'

t.setTimeout(120_000)

async function open(t: Parameters<typeof openLedger>[0]) {
  const ledger = await openLedger(t)
  const service = await startKeeping(t, ledger)
  await recordMany(ledger, 1, 300)
  await service.signedAt(300)
  const { logId } = await readLogIdentity(ledger.pool)
  /** Does not follow redirects. */
  const inject = (url: string, headers: Record<string, string> = {}) => service.app.inject({ url, headers })
  return { ledger, service, logId, inject }
}

const paths = ['checkpoint', 'vkey', 'tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/000']

t.test(
  'each log has its own prefix; /log/… redirects to it, relatively, and the redirect must not be cached',
  async (t) => {
    const { logId, inject } = await open(t)
    for (const path of paths) {
      const answer = await inject(`/log/${path}`)
      t.match(answer, { statusCode: 302, body: '', headers: { 'cache-control': 'no-store', 'log-id': logId } }, path)
      const there = new URL(String(answer.headers.location), `https://board.example/behind/log/${path}`)
      t.equal(
        there.href,
        `https://board.example/behind/log/${logId}/${path}`,
        'also behind a proxy with a path of its own',
      )
      t.equal((await inject(there.pathname.replace('/behind', ''))).statusCode, 200, path)
    }
    for (const path of ['', 'checkpoints', 'tile/0/0', 'tile/0/000.p/256', '/evil.example'])
      t.equal((await inject(`/log/${path}`)).statusCode, 404, path)
    for (const id of ['other', '%00', 'a%00b', logId.toUpperCase(), '%F0%9F%98%80', `${logId}%0A`])
      for (const path of paths)
        t.match((await inject(`/log/${id}/${path}`)).json(), { status: 404, code: 'not-found' }, `${id}/${path}`)
  },
)

t.test(
  'below the prefix, tiles and entries can be cached permanently, and the checkpoint must be revalidated',
  async (t) => {
    const { logId, inject } = await open(t)
    const forEver = 'public, max-age=31536000, immutable'
    for (const path of paths) {
      const { headers } = await inject(`/log/${logId}/${path}`)
      t.equal(headers['cache-control'], path.startsWith('tile/') ? forEver : 'no-cache', path)
    }
  },
)

t.test(
  'after an accepted restore the old prefix is 410 and names the current log, even before that is signed',
  async (t) => {
    const { ledger, service, logId: old } = await open(t)
    await service.stop()
    const { logId } = await acceptRestore(ledger.pool, 'restored from a backup')
    const serving = await startService(t, ledger)
    const gone = async () => {
      for (const path of paths) {
        const answer = await serving.get(`/log/${old}/${path}`)
        t.match(answer.json(), { status: 410, code: 'log-replaced', presentLogId: logId }, path)
        t.match(answer.json().detail, `/log/${logId}/`)
        t.notMatch(answer.headers['cache-control'] ?? '', /max-age/)
      }
    }
    await gone()
    t.match((await serving.get(`/log/${logId}/checkpoint`)).json(), { status: 503, code: 'log-not-ready' })
    const again = await startKeeping(t, ledger, service.signing)
    await again.signedAt(300)
    await gone()
    t.equal((await serving.get(`/log/${logId}/tile/0/000`)).statusCode, 200)
  },
)

t.test('an unknown Log-Id is 404, and the problem names the current log', async (t) => {
  const { logId, inject } = await open(t)
  for (const other of ['00000000-0000-4000-8000-000000000000', logId.toUpperCase(), 'tile', 'x']) {
    const answer = await inject(`/log/${other}/checkpoint`)
    t.match(answer.json(), { status: 404, code: 'not-found' }, other)
    t.match(answer.json().detail, `/log/${logId}/`)
  }
})

t.test('unknown query parameters have no effect on static resources', async (t) => {
  const { logId, inject } = await open(t)
  for (const path of paths) {
    const plain = await inject(`/log/${logId}/${path}`)
    const asked = await inject(`/log/${logId}/${path}?utm_source=x&t=1&t=2`)
    t.equal(asked.statusCode, 200, path)
    t.ok(asked.rawPayload.equals(plain.rawPayload))
    t.equal(asked.headers.etag, plain.headers.etag)
    t.equal((await inject(`/log/${path}?x=1`)).statusCode, 302)
  }
})

t.test('bundles of entries are compressed for callers that accept it; hashes are not', async (t) => {
  const { ledger, logId, inject } = await open(t)
  const url = `/log/${logId}/tile/entries/000`
  const plain = await inject(url)
  t.equal(plain.headers['content-type'], 'application/octet-stream')
  t.notOk(plain.headers['content-encoding'])
  t.equal(plain.headers.vary, 'accept-encoding')
  const tags = new Set([plain.headers.etag])
  for (const [coding, read] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const answer = await inject(url, { 'accept-encoding': coding })
    t.match(answer.headers, { 'content-encoding': coding, 'content-type': 'application/octet-stream' })
    t.ok(
      answer.rawPayload.length * 4 < plain.rawPayload.length,
      `${answer.rawPayload.length} of ${plain.rawPayload.length}`,
    )
    t.same(decodeEntries(read(answer.rawPayload))?.map(String), (await linesOf(ledger)).slice(0, 256))
    tags.add(answer.headers.etag)
    const again = await inject(url, { 'accept-encoding': coding, 'if-none-match': String(answer.headers.etag) })
    t.equal(again.statusCode, 304)
  }
  t.equal(tags.size, 3)
  t.notOk((await inject(`/log/${logId}/tile/0/000`, { 'accept-encoding': 'br, gzip' })).headers['content-encoding'])
})

t.test('pages of every origin may read the public log, and nothing else without ALLOWED_ORIGINS', async (t) => {
  const { ledger, service, logId, inject } = await open(t)
  const origin = { origin: 'https://verifier.example' }
  const ofLog = [
    ...paths.flatMap((path) => [`/log/${path}`, `/log/${logId}/${path}`]),
    '/log/nothing',
    '/v1/log/forks',
    '/v1/log/proofs/inclusion?position=1',
    '/v1/log/proofs/consistency?from=9',
    '/v1/log/proofs/999.tlog-proof',
  ]
  for (const url of ofLog) {
    const { headers } = await inject(url, origin)
    t.equal(headers['access-control-allow-origin'], '*', url)
    t.match(headers['access-control-expose-headers'], /ETag.*Log-Id/)
    t.notMatch(String(headers.vary), /origin/)
  }
  const preflight = await service.app.inject({
    method: 'OPTIONS',
    url: `/log/${logId}/checkpoint`,
    headers: { ...origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'if-none-match' },
  })
  t.match(preflight, { statusCode: 204, headers: { 'access-control-allow-methods': 'GET, HEAD' } })
  for (const url of ['/v1/proposals', '/v1/events', '/health/ready'])
    t.notOk((await inject(url, origin)).headers['access-control-allow-origin'], url)
  const locked = await startService(t, ledger, {
    environment: { READ_ACCESS: 'key', API_KEYS: 'a:audit:secret-of-sixteen-x' },
  })
  t.notOk((await locked.get(`/log/${logId}/checkpoint`, origin)).headers['access-control-allow-origin'])
})

t.test('the origin of a log is the one that it was first signed with, unless LOG_ORIGIN names another', async (t) => {
  const ledger = await openLedger(t)
  const usual = { home: folderHome(temporaryFolder(t)), keys: [newKey()], keepsOrigin: true }
  const { logId } = await readLogIdentity(ledger.pool)
  const first = await startKeeping(t, ledger, signingFor(t, { ...usual, origin: 'commitments.localhost/board' }))
  await recordMany(ledger, 1, 2)
  t.equal((await first.signedAt(2)).origin, `commitments.localhost/board/${logId}`)
  await first.stop()
  const moved = await startKeeping(t, ledger, signingFor(t, { ...usual, origin: 'board.example/log' }))
  await recordMany(ledger, 3, 4)
  t.equal((await moved.signedAt(4)).origin, `commitments.localhost/board/${logId}`)
  await moved.stop()
  await acceptRestore(ledger.pool, 'restored from a backup')
  const anew = await startKeeping(t, ledger, signingFor(t, { ...usual, origin: 'board.example/log' }))
  const { origin } = await anew.signedAt(4)
  t.equal(
    origin,
    `board.example/log/${(await readLogIdentity(ledger.pool)).logId}`,
    'a new log takes the one that is set',
  )
  t.ok(
    (await anew.get(`/${origin.split('/').slice(1).join('/')}/checkpoint`)).statusCode === 200,
    'which is its prefix',
  )
})
