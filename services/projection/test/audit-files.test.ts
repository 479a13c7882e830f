import { hash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { keyFile, secretOf, temporaryFolder } from '@commitments/test-kit'
import { startServices } from '@commitments/test-kit/services'
import t from 'tap'
import { readAuditFiles } from '../src/audit/read-audit-files.ts'

const program = `#!/usr/bin/env node\n${'// what an auditor runs\n'.repeat(100)}`
const contents = {
  'audit.mjs': program,
  'audit.mjs.sha256': `${hash('sha256', program)}  audit.mjs\n`,
  'docs/audit.md': '# Checking the record\n',
  'docs/audit.html': '<!doctype html>\n<h1>Checking the record</h1>\n',
  'docs/audit/verify.py': '#!/usr/bin/env python3\n',
}

/** As a build leaves it. */
function builtFolder(): string {
  const folder = temporaryFolder(t)
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
    writeFileSync(join(folder, `${path}.br`), brotliCompressSync(text))
    writeFileSync(join(folder, `${path}.gz`), gzipSync(text))
  }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ sources: 's1', files: Object.keys(contents) }))
  return folder
}

const folder = builtFolder()
const audit = readAuditFiles(folder)

/** Documents have their own address; the program is beside the log. */
function addressOf(path: string): string {
  return path.startsWith('docs/') ? `/audit/${path.slice('docs/'.length)}` : `/log/${path}`
}

t.test('the program, its digest and the documents are served as they were built, each with its type', async (t) => {
  const { projection } = await startServices(t, { projection: { audit } })
  const types = {
    'audit.mjs': 'text/javascript; charset=utf-8',
    'audit.mjs.sha256': 'text/plain; charset=utf-8',
    'docs/audit.md': 'text/markdown; charset=utf-8',
    'docs/audit.html': 'text/html; charset=utf-8',
    'docs/audit/verify.py': 'text/plain; charset=utf-8',
  }
  for (const [path, type] of Object.entries(types)) {
    const answer = await projection.get(addressOf(path))
    t.match(answer, { statusCode: 200, headers: { 'content-type': type, 'cache-control': 'no-cache' } }, path)
    t.equal(answer.body, contents[path as keyof typeof contents], path)
  }
  t.match((await projection.get('/audit/audit.html')).headers, { 'content-security-policy': /^default-src 'self'/ })
})

t.test('the documents are found where their address ends before the first of them', async (t) => {
  const { projection } = await startServices(t, { projection: { audit } })
  for (const [path, location] of [
    ['/audit', 'audit/audit.html'],
    ['/audit/', 'audit.html'],
  ] as const) {
    const answer = await projection.get(path)
    t.match(answer, { statusCode: 302, headers: { location } }, path)
    const there = new URL(location, `http://log.example${path}`).pathname
    t.equal((await projection.get(there)).body, contents['docs/audit.html'], path)
  }
})

t.test('the program comes compressed, by HEAD, and not again to whoever has it', async (t) => {
  const { projection } = await startServices(t, { projection: { audit } })
  const inject = (method: 'GET' | 'HEAD', headers: Record<string, string>) =>
    projection.app.inject({ method, url: '/log/audit.mjs', headers })
  const plain = await inject('GET', {})
  const br = await inject('GET', { 'accept-encoding': 'br' })
  t.match(br.headers, { 'content-encoding': 'br', vary: /accept-encoding/i })
  t.equal(brotliDecompressSync(br.rawPayload).toString(), program)
  const gzip = await inject('GET', { 'accept-encoding': 'gzip' })
  t.equal(gunzipSync(gzip.rawPayload).toString(), program)
  t.equal(new Set([plain, br, gzip].map(({ headers }) => headers.etag)).size, 3, 'each form has a tag of its own')
  for (const { headers } of [plain, br, gzip])
    t.match(await inject('GET', { 'if-none-match': String(headers.etag) }), { statusCode: 304, body: '' })
  t.match(await inject('HEAD', {}), {
    statusCode: 200,
    body: '',
    headers: { etag: plain.headers.etag, 'content-length': String(program.length) },
  })
})

t.test('pages of every origin may read the program where reading is public, as they may read the log', async (t) => {
  const { projection } = await startServices(t, { projection: { audit } })
  const headers = { origin: 'https://auditor.example' }
  for (const path of Object.keys(contents)) {
    const answer = await projection.app.inject({ url: addressOf(path), headers })
    t.match(answer, { statusCode: 200, headers: { 'access-control-allow-origin': '*' } }, path)
  }
})

t.test('where reading needs a key, the program needs one as the log does', async (t) => {
  const callers = [
    { name: 'audit', scopes: ['audit'] },
    { name: 'read', scopes: ['read'] },
  ] as const
  const environment = { API_KEYS_FILE: keyFile(t, callers), READ_ACCESS: 'key' }
  const { projection } = await startServices(t, { environment, projection: { audit } })
  for (const path of Object.keys(contents)) {
    const by = (headers: Record<string, string>) => projection.app.inject({ url: addressOf(path), headers })
    t.match(await by({}), { statusCode: 401 }, path)
    t.match(await by({ authorization: `Bearer ${secretOf('read')}` }), { statusCode: 403 }, path)
    const answer = await by({ authorization: `Bearer ${secretOf('audit')}` })
    t.match(answer, { statusCode: 200, headers: { 'cache-control': /^private/ } }, path)
  }
})

t.test('without a build a problem says how to build, and nothing beyond the manifest is served', async (t) => {
  t.equal(readAuditFiles(join(folder, 'nowhere')), null)
  const { projection } = await startServices(t)
  for (const path of Object.keys(contents)) {
    const answer = await projection.get(addressOf(path))
    t.match(answer, { statusCode: 404, headers: { 'content-type': 'application/problem+json' } }, path)
    t.match(answer.json(), { code: 'not-found', detail: /`npm run build` makes them/ })
  }
  const built = await startServices(t, { projection: { audit } })
  for (const path of ['docs/manifest.json', 'docs/../manifest.json', 'docs/%2e%2e/manifest.json', 'docs/audit'])
    t.match(await built.projection.get(addressOf(path)), { statusCode: 404 }, path)
})

t.test('a build that is not whole is refused when the service starts', async (t) => {
  const half = temporaryFolder(t)
  writeFileSync(join(half, 'manifest.json'), JSON.stringify({ files: ['audit.mjs'] }))
  t.throws(() => readAuditFiles(half), { code: 'ENOENT' })
  writeFileSync(join(half, 'manifest.json'), JSON.stringify({ files: ['../audit.mjs'] }))
  t.throws(() => readAuditFiles(half))
})
