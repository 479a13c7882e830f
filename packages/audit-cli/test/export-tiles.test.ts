import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { dirname, join, relative } from 'node:path'
import { proposed, temporaryFolder } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { exportTiles, verify } from '../src/index.ts'
import { type Audited, apiKey, openAudited, recordPortfolio } from './services.ts'

t.setTimeout(240_000)

async function recordMore({ client, signed }: Audited, from: number, count: number): Promise<number> {
  const lines = Array.from({ length: count }, (_, index) => ({ proposalId: `more-${from + index}`, ...proposed() }))
  const { results } = await client.recordAtomically(lines as never)
  const last = Math.max(...results.map(({ position }) => position))
  await signed(last)
  return last
}

async function openLog(t: Test): Promise<Audited & { readonly size: number }> {
  const audited = await openAudited(t)
  await recordPortfolio(audited)
  return { ...audited, size: await recordMore(audited, 0, 300) }
}

function filesOf(folder: string): Map<string, Buffer> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  return new Map(
    found
      .map(({ parentPath, name }): [string, Buffer] => {
        const path = join(parentPath, name)
        return [relative(folder, path), readFileSync(path)]
      })
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** A web server that knows nothing but files. */
async function serve(t: Test, folder: string): Promise<string> {
  const server = createServer((request, response) => {
    const path = join(folder, request.url ?? '')
    if (!existsSync(path) || !statSync(path).isFile()) return response.writeHead(404).end()
    return response.end(readFileSync(path))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What the page of C2SP says, written anew: paths, bundles, tiles, and the root of RFC 6962. Returns the lines. */
async function readByTheSpecification(prefix: string): Promise<string[]> {
  const get = async (path: string) => {
    const answer = await fetch(`${prefix}/${path}`)
    if (!answer.ok) throw new Error(`${path} is ${answer.status}`)
    return Buffer.from(await answer.arrayBuffer())
  }
  const [, sizeLine = '', rootLine = ''] = (await get('checkpoint')).toString('utf8').split('\n')
  const size = Number(sizeLine)
  const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  const number = (index: number) => {
    const groups = [String(index % 1000).padStart(3, '0')]
    for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
      groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
    return groups.join('/')
  }
  const suffix = (count: number) => (count === 256 ? '' : `.p/${count}`)
  const lines: Buffer[] = []
  for (let index = 0; index * 256 < size; index += 1) {
    const count = Math.min(256, size - index * 256)
    const bundle = await get(`tile/entries/${number(index)}${suffix(count)}`)
    for (let at = 0; at < bundle.length; ) {
      const length = bundle.readUInt16BE(at)
      lines.push(bundle.subarray(at + 2, at + 2 + length))
      at += 2 + length
    }
  }
  if (lines.length !== size) throw new Error(`${lines.length} lines, and not ${size}`)
  const root = (hashes: Buffer[]): Buffer => {
    if (hashes.length === 1) return hashes[0] as Buffer
    let half = 1
    while (half * 2 < hashes.length) half *= 2
    return sha256(Buffer.from([1]), root(hashes.slice(0, half)), root(hashes.slice(half)))
  }
  const leaves = lines.map((line) => sha256(Buffer.from([0]), line))
  if (root(leaves).toString('base64') !== rootLine) throw new Error('the lines have another root')
  for (let level = 0, hashes: Buffer[] = leaves; hashes.length > 0; level += 1) {
    for (let index = 0; index * 256 < hashes.length; index += 1) {
      const own = hashes.slice(index * 256, (index + 1) * 256)
      const tile = await get(`tile/${level}/${number(index)}${suffix(own.length)}`)
      if (!tile.equals(Buffer.concat(own))) throw new Error(`tile ${level}/${index} has other hashes`)
    }
    const whole = Math.floor(hashes.length / 256)
    hashes = Array.from({ length: whole }, (_, index) => root(hashes.slice(index * 256, (index + 1) * 256)))
  }
  return lines.map(String)
}

t.test(
  'a client that knows only the specification reads the whole log from the folder, and so does the auditor',
  async (t) => {
    const audited = await openLog(t)
    const folder = temporaryFolder(t)
    const options = { source: audited.url, folder, apiKey, rate: 1_000 }
    const { path, ...first } = await exportTiles(options)
    t.match(first, { size: audited.size, before: 0 })
    const site = await serve(t, folder)
    const prefix = `${site}/${relative(folder, path)}`
    const feed = await (
      await fetch(`${audited.url}/v1/events?after=0`, { headers: { Accept: 'application/x-ndjson' } })
    ).text()
    t.equal(`${(await readByTheSpecification(prefix)).join('\n')}\n`, feed)

    t.match(await exportTiles(options), { size: audited.size, before: audited.size })
    const full = join(path, 'tile/0/000')
    const { mtimeMs } = statSync(full)
    const size = await recordMore(audited, 300, 200)
    t.match(await exportTiles(options), { size, before: audited.size })
    t.equal(statSync(full).mtimeMs, mtimeMs, 'what is full is left alone')
    t.notOk(existsSync(join(path, 'tile/0/002.p')), 'and what has become full is there once')
    t.equal((await readByTheSpecification(prefix)).length, size)
    await audited.stop()

    for (const source of [path, prefix]) {
      const verdict = await verify({ source })
      t.match(verdict, { outcome: 'valid' }, source)
      t.match(
        verdict.checks.find(({ name }) => name === 'tiles'),
        { finding: { outcome: 'held' } },
        'tiles are compared',
      )
    }
    const bundle = join(path, 'tile/entries/001')
    const bytes = readFileSync(bundle)
    bytes.write('X', 1_000)
    writeFileSync(bundle, bytes)
    t.match(await verify({ source: prefix }), { outcome: 'invalid' }, 'the auditor finds a changed file')
  },
)

t.test('interrupted at any request and continued, the folder becomes the same, byte by byte', async (t) => {
  const audited = await openLog(t)
  const [whole, cut] = [temporaryFolder(t), temporaryFolder(t)]
  const common = { source: audited.url, apiKey, rate: 1_000, pauses: [] }
  let requests = 0
  const counting = async (...given: Parameters<typeof fetch>) => {
    requests += 1
    return fetch(...given)
  }
  await exportTiles({ ...common, folder: whole, fetch: counting })
  const expected = filesOf(join(whole, 'log'))
  for (let upTo = 0; upTo < requests; upTo += 1) {
    const folder = join(cut, String(upTo))
    let left = upTo
    const failing = async (...given: Parameters<typeof fetch>) => {
      if (left === 0) throw new Error('the line was cut')
      left -= 1
      return fetch(...given)
    }
    await t.rejects(exportTiles({ ...common, folder, fetch: failing }), { name: 'CannotCheck' })
    for (const [path, bytes] of existsSync(join(folder, 'log')) ? filesOf(join(folder, 'log')) : [])
      t.ok(expected.get(path)?.equals(bytes), `${path} is whole`)
    await exportTiles({ ...common, folder })
    t.same(filesOf(join(folder, 'log')), expected, `after ${upTo} requests`)
  }
})

t.test('a process that is killed leaves only whole files, and the next one goes on', async (t) => {
  const audited = await openLog(t)
  const folder = temporaryFolder(t)
  const program = new URL('../src/main.ts', import.meta.url).pathname
  const running = spawn(process.execPath, [program, 'export-tiles', audited.url, folder, '--rate', '2'], {
    env: { ...process.env, COMMITMENTS_API_KEY: apiKey },
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => running.once('exit', resolve))
  while (!existsSync(join(folder, 'log'))) await new Promise((resolve) => setTimeout(resolve, 20))
  running.kill('SIGKILL')
  await ended
  const { path, size } = await exportTiles({ source: audited.url, folder, apiKey, rate: 1_000 })
  t.equal(size, audited.size)
  const site = await serve(t, folder)
  t.equal((await readByTheSpecification(`${site}/${relative(folder, path)}`)).length, size)
})

t.test('nothing is written of what does not have the signed root', async (t) => {
  const audited = await openLog(t)
  for (const changed of ['tile/entries/001', 'tile/entries/002.p/', 'tile/1/000.p/', 'tile/0/002.p/']) {
    const folder = temporaryFolder(t)
    const lying: typeof fetch = async (url, ...rest) => {
      const answer = await fetch(url, ...rest)
      if (!answer.url.includes(changed)) return answer
      const bytes = Buffer.from(await answer.arrayBuffer())
      bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
      return new Response(bytes)
    }
    await t.rejects(exportTiles({ source: audited.url, folder, apiKey, rate: 1_000, fetch: lying }), {
      name: 'CannotCheck',
    })
    const written = existsSync(join(folder, 'log')) ? [...filesOf(join(folder, 'log')).keys()] : []
    t.notOk(
      written.some((path) => path.includes(changed) || path.endsWith('/checkpoint')),
      changed,
    )
  }
})

t.test('another log is not mixed with the one in the folder: it stops, and says how to begin the other', async (t) => {
  const audited = await openLog(t)
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'log/00000000-0000-4000-8000-00000000000f'), { recursive: true })
  const options = { source: audited.url, folder, apiKey, rate: 1_000 }
  const stopped = await exportTiles(options).catch((error: Error) => error)
  t.match(stopped, { name: 'CannotCheck', message: /^log-changed: .* --log-id [0-9a-f-]{36}$/ })
  const logId = (stopped as Error).message.slice(-36)
  t.match(await exportTiles({ ...options, logId }), { size: audited.size })
  t.match(await exportTiles(options), { size: audited.size }, 'afterwards it is known')
})

t.test('a checkpoint is replaced only by one that continues it, and never by an older one', async (t) => {
  const audited = await openLog(t)
  const folder = temporaryFolder(t)
  const options = { source: audited.url, folder, apiKey, rate: 1_000 }
  const { path } = await exportTiles(options)
  const file = join(path, 'checkpoint')
  const note = readFileSync(file, 'utf8')
  const [origin, size, , ...rest] = note.split('\n')
  const other = [origin, Number(size) - 3, Buffer.alloc(32, 7).toString('base64'), ...rest].join('\n')
  writeFileSync(file, other)
  await t.rejects(exportTiles(options), { name: 'CannotCheck', message: /are both signed and cannot both be true/ })
  t.equal(readFileSync(file, 'utf8'), other)
  const later = [origin, Number(size) + 1, Buffer.alloc(32, 7).toString('base64'), ...rest].join('\n')
  writeFileSync(file, later)
  t.match(await exportTiles(options), { size: Number(size) + 1, written: 0 }, 'the service is behind')
  t.equal(readFileSync(file, 'utf8'), later)
  t.ok(existsSync(join(dirname(file), 'tile')))
})
