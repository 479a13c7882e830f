import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { buildAudit } from '../build.ts'
import { createLeaves, rootOfLeaves } from '../src/log/leaves.ts'
import { openFeed } from '../src/source/feed.ts'
import type { Envelope } from '../src/verify/check-line.ts'
import { scanLines } from '../src/verify/scan.ts'

/** More lines than fit into the memory that two threads hand to each other at one time. */
const count = 15_000

const head = (position: number, version = Math.ceil(position / 3)) =>
  `{"position":${position},"recordedAt":"2026-11-29T16:58:32.${String(position).padStart(6, '0')}Z",` +
  `"eventId":"788a8030-a462-7cbd-81dd-${String(position).padStart(12, '0')}","nonce":"TvTkvh0HHzEMdVvDWOYUfA",` +
  `"proposalId":"lab-${position % 3}","version":${version},"type":"proposed","schemaVersion":1,"occurredOn":"2023-06-22",`

const lineAt = (position: number) =>
  `${head(position)}"recordedBy":"key:lab","note":{"en":"${'Smart materials — 스마트 소재. '.repeat(position % 9)}"}}`

const whole = Array.from({ length: count }, (_, at) => lineAt(at + 1))

const changed = (position: number, change: (line: string) => string | string[]) =>
  whole.flatMap((line, at) => (at + 1 === position ? change(line) : line))

const logs: Readonly<Record<string, readonly string[]>> = {
  'a whole log': whole,
  'a line that is not compact': changed(4_500, (line) => line.replace('"note":', '"note": ')),
  'a name twice': changed(14_999, (line) => line.replace('"note":', '"note":{},"note":')),
  'a line that is missing': changed(13_000, () => []),
  'a line twice': changed(11_001, (line) => [line, line]),
  'lines that have changed places': changed(10_002, () => [lineAt(10_003), lineAt(10_002)]).toSpliced(10_003, 1),
  'a wrong version': changed(7_345, (line) => line.replace(/"version":\d+/, '"version":7')),
  'a line that is far too long': changed(12_000, (line) => line.replace('Smart', 'x'.repeat(2_000_000))),
  'lines that are signed, and lines that only look so': whole.map((line, at) =>
    at % 1_000 === 0 ? line.replace('"note":', `"${at % 2_000 === 0 ? '' : 'x\\"'}signature":{"a":1},"note":`) : line,
  ),
  'an erased line': changed(11_500, (line) =>
    line
      .replace(
        '"recordedAt"',
        `"erased":{"by":"788a8030-a462-7cbd-81dd-000000000001"},"leafHash":"${'A'.repeat(43)}=","recordedAt"`,
      )
      .replace(/"nonce":"[^"]*",/, ''),
  ),
  'a line that is no JSON': changed(14_000, () => 'x'),
  'a first line that is bad': changed(1, () => '{}'),
  'no line': [],
}

const good = ['a whole log', 'lines that are signed, and lines that only look so', 'an erased line']

async function scan(t: Test, name: string, alone: number) {
  const file = join(temporaryFolder(t), 'log.ndjson')
  const text = (logs[name] as string[]).map((line) => `${line}\n`).join('')
  writeFileSync(file, name === 'a whole log' ? `${text}${head(count + 1)}` : text)
  const leaves = createLeaves()
  t.teardown(() => leaves.dispose())
  const seen: string[] = []
  const onLine = (envelope: Envelope, line: Buffer, leaf: Buffer) =>
    void seen.push(`${JSON.stringify(envelope)} ${line.length} ${leaf.toString('hex')}`)
  const {
    good: judged,
    fault,
    roots,
    end,
    check,
    began,
  } = await scanLines(openFeed(file), {
    leaves,
    sizes: [1, 4_096, 10_000, count],
    onLine,
    alone,
  })
  const tree = rootOfLeaves(leaves, judged).toString('hex')
  const hashes = [...roots].map(([size, root]) => `${size} ${root.toString('hex')}`)
  return { good: judged, fault, hashes, tree, seen, last: check.recordedAt, began, isTorn: end?.how === 'torn' }
}

for (const name of Object.keys(logs))
  t.test(`what is found in a log does not depend on how many threads look at it: ${name}`, async (t) => {
    const alone = await scan(t, name, Number.POSITIVE_INFINITY)
    t.same(await scan(t, name, 0), alone)
    if (good.includes(name)) t.match(alone, { good: count, fault: name === 'a whole log' ? { torn: true } : null })
    else if (name !== 'no line') t.match(alone, { fault: { position: Number } })
    if (name === 'a whole log') t.match(alone, { good: count, isTorn: true, seen: { length: count } })
  })

t.test('lines up to a position are judged, and no more', async (t) => {
  const file = join(temporaryFolder(t), 'log.ndjson')
  writeFileSync(file, whole.map((line) => `${line}\n`).join(''))
  const leaves = createLeaves()
  t.teardown(() => leaves.dispose())
  t.match(await scanLines(openFeed(file), { leaves, upTo: 11_234, alone: 100 }), { good: 11_234, fault: null })
  t.equal(leaves.size, 11_234)
})

t.test('the program of one file is also that of its thread: it says one verdict over all lines', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'log.ndjson')
  const more = Array.from({ length: 25_000 }, (_, at) => `${lineAt(at + 1)}\n`)
  writeFileSync(file, more.join(''))
  await buildAudit({ outdir: join(folder, 'out'), commit: null })
  const { stdout } = spawnSync(process.execPath, [join(folder, 'out/audit.mjs'), 'verify', file, '--no-memory'], {
    encoding: 'utf8',
    timeout: 100_000,
  })
  t.match(stdout, /25000 lines, positions 1 to 25000 without a gap, of 3 proposals/)
  t.equal(stdout.match(/^COULD NOT BE CHECKED/gm)?.length, 1, 'nobody has signed them')
})
