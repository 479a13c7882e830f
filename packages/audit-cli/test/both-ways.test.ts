import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@commitments/test-kit'
import { emptyRoot, makeSigner, signNote } from '@commitments/transparency'
import t from 'tap'
import { exportLog } from '../src/export/export.ts'
import { exitCodes, type Outcome } from '../src/verdict.ts'
import { verify } from '../src/verify/verify.ts'
import { openAudited, recordPortfolio } from './services.ts'

t.setTimeout(120_000)

const python = fileURLToPath(new URL('../../../docs/audit/verify.py', import.meta.url))
const skip = spawnSync('python3', ['--version']).status !== 0 && 'python3 is not at hand'

/** What an auditor may have: lines in a file, and a checkpoint. */
interface AtHand {
  readonly feed: string
  readonly checkpoint: string
}

interface Vector {
  readonly outcome: Outcome
  /** Where it is invalid. */
  readonly position?: number
  readonly lines?: (lines: readonly string[]) => string[]
  readonly feed?: (feed: string) => string
  readonly checkpoint?: (note: string) => string
  /** Members of a checkpoint that the log signs instead of size and root. */
  readonly signs?: (size: string, root: string) => [size: string, root: string]
}

const unchecked = 'could-not-be-checked'
const [valid, invalid] = ['valid', 'invalid'] as const

/** Both ways of checking must give the same result for each. */
const vectors: Readonly<Record<string, Vector>> = {
  'as it is': { outcome: valid },
  'a line that was changed': {
    outcome: invalid,
    lines: (all) => all.with(6, (all[6] as string).replace('key:', 'key:not-')),
  },
  'a line that was left out': { outcome: invalid, position: 7, lines: (all) => all.toSpliced(6, 1) },
  'two lines that were exchanged': {
    outcome: invalid,
    position: 7,
    lines: (all) => all.with(6, all[7] as string).with(7, all[6] as string),
  },
  'lines that end too early, each of them whole': {
    outcome: invalid,
    position: 201,
    lines: (all) => all.slice(0, 200),
  },
  'lines with carriage returns': { outcome: invalid, feed: (feed) => feed.replaceAll('\n', '\r\n') },
  'lines without the last line feed': { outcome: unchecked, feed: (feed) => feed.slice(0, -1) },
  'lines that are cut off in the middle of one': { outcome: unchecked, feed: (feed) => feed.slice(0, -10) },
  'more lines than are signed, the last of them cut off': { outcome: valid, feed: (feed) => `${feed}{"position":` },
  'no lines at all': { outcome: invalid, position: 1, feed: () => '' },
  'a checkpoint with carriage returns': { outcome: unchecked, checkpoint: (note) => note.replaceAll('\n', '\r\n') },
  'a checkpoint behind a byte order mark': { outcome: unchecked, checkpoint: (note) => `\ufeff${note}` },
  'a checkpoint without its last line feed': { outcome: unchecked, checkpoint: (note) => note.slice(0, -1) },
  'a checkpoint with an empty line at its end': { outcome: unchecked, checkpoint: (note) => `${note}\n` },
  'a checkpoint with a blank behind its root': {
    outcome: unchecked,
    checkpoint: (note) => note.replace('=\n', '= \n'),
  },
  'a checkpoint with a blank behind its origin': {
    outcome: unchecked,
    checkpoint: (note) => note.replace('\n', ' \n'),
  },
  'an empty file for a checkpoint': { outcome: unchecked, checkpoint: () => '' },
  'a web page for a checkpoint': { outcome: unchecked, checkpoint: () => '<html>\n<p>404\n\n</html>\n' },
  'a size below nothing': { outcome: unchecked, signs: (_, root) => ['-1', root] },
  'a size with leading zeros': { outcome: unchecked, signs: (size, root) => [`00${size}`, root] },
  'a size with a sign': { outcome: unchecked, signs: (size, root) => [`+${size}`, root] },
  'a size with a fraction': { outcome: unchecked, signs: (size, root) => [`${size}.0`, root] },
  'a size in digits of another script': { outcome: unchecked, signs: (_, root) => ['\u0661\u0662', root] },
  'a size that nobody can count to': { outcome: unchecked, signs: (_, root) => ['9007199254740992', root] },
  'no size': { outcome: unchecked, signs: (_, root) => ['size', root] },
  'a root that is none': { outcome: unchecked, signs: (size) => [size, 'AAAA'] },
  'the root of nothing, signed over nothing': { outcome: valid, signs: () => ['0', emptyRoot.toString('base64')] },
}

t.test('verify.py and audit.mjs give the same verdict on each', { skip }, async (t) => {
  const audited = await openAudited(t)
  await audited.signed(await recordPortfolio(audited))
  const file = join(temporaryFolder(t), 'log.ndjson')
  await exportLog({ source: audited.url, file })
  const sound: AtHand = { feed: readFileSync(file, 'utf8'), checkpoint: readFileSync(`${file}.checkpoint`, 'utf8') }
  const [origin = '', size = '', root = ''] = sound.checkpoint.split('\n')
  const privateKey = audited.signing.keys[0] as NonNullable<(typeof audited.signing.keys)[0]>
  const sign = (members: readonly string[]) =>
    signNote(`${[origin, ...members].join('\n')}\n`, [makeSigner({ name: origin, privateKey })])
  for (const [name, vector] of Object.entries(vectors)) {
    const lines = sound.feed.trimEnd().split('\n')
    const feed = `${(vector.lines?.(lines) ?? lines).join('\n')}\n`
    writeFileSync(file, vector.feed?.(feed) ?? feed)
    const note = vector.signs ? sign(vector.signs(size, root)) : sound.checkpoint
    writeFileSync(`${file}.checkpoint`, vector.checkpoint?.(note) ?? note)
    const ours = await verify({ source: file })
    const theirs = spawnSync('python3', [python, file, `${file}.checkpoint`], { encoding: 'utf8' })
    t.equal(ours.outcome, vector.outcome, `audit.mjs, ${name}: ${ours.sentence}`)
    t.equal(theirs.status, exitCodes[vector.outcome], `verify.py, ${name}: ${theirs.stdout}${theirs.stderr}`)
    t.equal(theirs.stderr, '', name)
    if (vector.position !== undefined) {
      t.equal(ours.position, vector.position, name)
      t.match(theirs.stdout, `at position ${vector.position}:`, name)
    }
  }
})
