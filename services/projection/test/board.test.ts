import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { startServices } from '@commitments/test-kit/services'
import t from 'tap'
import { readBoard } from '../src/board/read-board.ts'

const script = 'document.title = "Where does each commitment stand?"\n'.repeat(50)

/** A folder as a build leaves it. */
function builtFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-board-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const contents = {
    'main-A1.js': script,
    'boot-A2.js': '0',
    'styles-A3.css': 'p{}',
    'icon-A4.svg': '<svg/>',
    'licences-a5.txt': 'MIT',
  }
  const files: Record<string, object> = {}
  for (const [name, text] of Object.entries(contents)) {
    const [br, gz] = [brotliCompressSync(text), gzipSync(text)]
    files[name] = { bytes: text.length, br: br.length, gz: gz.length }
    writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, `${name}.br`), br)
    writeFileSync(join(folder, `${name}.gz`), gz)
  }
  const [entry, boot, styles, icon, licences] = Object.keys(contents)
  const manifest = { build: 'b1', sources: 's1', boot, entry, chunks: [], styles, icon, licences, files }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
  return folder
}

const folder = builtFolder()
const board = readBoard(folder)

t.test('each path of the board gives the same page, which caches must revalidate', async (t) => {
  const { projection } = await startServices(t, { projection: { board } })
  const first = await projection.get('/')
  t.match(first, { statusCode: 200, headers: { 'cache-control': 'no-cache', 'content-type': /^text\/html/ } })
  for (const path of [
    '/proposals',
    '/proposals/vkist',
    '/proposals/vkist/record/agreed',
    '/activity?type=agreed&type=funded',
    '/ledger',
    '/record',
  ]) {
    const { statusCode, body } = await projection.get(path)
    t.same({ statusCode, body }, { statusCode: 200, body: first.body }, path)
  }
  t.match(first.body, '<script type="module" src="/board/main-A1.js"></script>')
  t.match(first.body, 'data-build="b1"')
  const { etag = '' } = first.headers
  const again = await projection.get('/ledger', { 'if-none-match': etag })
  t.match(again, { statusCode: 304, headers: { etag, 'cache-control': 'no-cache' } })
})

t.test('only what the policy of the page names may run, be shown or be requested', async (t) => {
  const { projection } = await startServices(t, {
    projection: { board, environment: { COMMAND_PUBLIC_URL: 'https://example.org/record/' } },
  })
  const { headers, body } = await projection.get('/')
  const policy = String(headers['content-security-policy']).split('; ')
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self' https://example.org",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ])
    t.ok(policy.includes(rule), rule)
  t.match(body, 'data-command-url="https://example.org/record"')
})

t.test('if reading needs a key, the page itself needs none, and tells its scripts', async (t) => {
  const { projection } = await startServices(t, { projection: { board, environment: { READ_ACCESS: 'key' } } })
  const { statusCode, body, headers } = await projection.get('/proposals')
  t.equal(statusCode, 200)
  t.match(body, 'data-reading="key"')
  t.equal(headers['log-position'], undefined, 'how far the log is stays untold')
  t.equal((await projection.get('/board/main-A1.js')).statusCode, 200)
})

t.test('below a path prefix, the page loads its files from there', async (t) => {
  const { projection } = await startServices(t, {
    projection: { board, environment: { PUBLIC_URL: 'https://example.org/ledger/' } },
  })
  const { body } = await projection.get('/')
  t.match(body, 'src="/ledger/board/main-A1.js"')
  t.match(body, 'data-base="/ledger"')
})

t.test('a file of the board is cached permanently, and comes in a form that the caller accepts', async (t) => {
  const { projection } = await startServices(t, { projection: { board } })
  const forms = {
    br: brotliDecompressSync,
    gzip: gunzipSync,
    'gzip;q=0.5, br;q=0.1': gunzipSync,
    'gzip, br, zstd': brotliDecompressSync,
    '*': brotliDecompressSync,
    identity: (bytes: Buffer) => bytes,
    '': (bytes: Buffer) => bytes,
    'br;q=0, gzip;q=0': (bytes: Buffer) => bytes,
  }
  const tags = new Set<string>()
  for (const [encoding, read] of Object.entries(forms)) {
    const { statusCode, headers, rawPayload } = await projection.get('/board/main-A1.js', {
      'accept-encoding': encoding,
    })
    t.equal(statusCode, 200)
    t.equal(read(rawPayload).toString(), script, encoding)
    t.match(headers, { vary: /accept-encoding/, 'cache-control': 'public, max-age=31536000, immutable' })
    tags.add(String(headers.etag))
    const again = await projection.get('/board/main-A1.js', {
      'accept-encoding': encoding,
      'if-none-match': String(headers.etag),
    })
    t.match(again, { statusCode: 304, headers: { etag: headers.etag } }, `${encoding}: the same tag`)
  }
  t.equal(tags.size, 3, 'each form has a tag of its own')
  const head = await projection.app.inject({
    method: 'HEAD',
    url: '/board/main-A1.js',
    headers: { 'accept-encoding': 'br' },
  })
  t.match(head, { statusCode: 200, body: '', headers: { 'content-encoding': 'br' } })
})

t.test('a file that is not in the manifest is 404', async (t) => {
  const { projection } = await startServices(t, { projection: { board } })
  for (const name of ['manifest.json', 'main-A1.js.br', 'main-B2.js', '..%2Fpackage.json'])
    t.match(await projection.get(`/board/${name}`), { statusCode: 404 }, name)
})

t.test('a page that is requested as JSON says that it is HTML', async (t) => {
  const { projection } = await startServices(t, { projection: { board } })
  t.match(await projection.get('/proposals', { accept: 'application/json' }), { statusCode: 406 })
})

t.test('if the board is not built, its page says in one sentence how to build it', async (t) => {
  t.equal(readBoard(join(folder, 'nowhere')), null)
  const { projection } = await startServices(t)
  const { statusCode, body } = await projection.get('/')
  t.equal(statusCode, 200)
  t.match(body, 'The board is not built: <code>npm run build</code> builds it')
  t.match(await projection.get('/board/main-A1.js'), { statusCode: 404 })
})

t.test('an incomplete build is refused when the service starts', async (t) => {
  const half = builtFolder()
  rmSync(join(half, 'main-A1.js.br'))
  t.throws(() => readBoard(half), { code: 'ENOENT' })
  writeFileSync(join(half, 'manifest.json'), '{}')
  t.throws(() => readBoard(half))
})
