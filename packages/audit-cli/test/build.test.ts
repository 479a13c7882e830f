import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { buildAudit, buildIfChanged, commitOf } from '../build.ts'

// The files that the projection service serves to auditors, built from the sources.

t.setTimeout(120_000)

const root = fileURLToPath(new URL('../../..', import.meta.url))
const commit = '0123456789abcdef0123456789abcdef01234567'

/** The sources of the program and the packages that it needs, in another folder, without git. */
function cloneOf(t: Test, name: string): string {
  const place = join(temporaryFolder(t), name)
  const packages = [
    'zod',
    'commander',
    'cli-progress',
    'string-width',
    'strip-ansi',
    'ansi-regex',
    'emoji-regex',
    'is-fullwidth-code-point',
  ]
  const paths = [
    'package-lock.json',
    'docs',
    'scripts/build',
    ...['audit-cli', 'domain', 'transparency'].flatMap((house) => [
      `packages/${house}/src`,
      `packages/${house}/package.json`,
    ]),
    'packages/audit-cli/build.ts',
    ...packages.map((one) => `node_modules/${one}`),
  ]
  for (const path of paths) cpSync(join(root, path), join(place, path), { recursive: true, dereference: true })
  // As npm installs it.
  mkdirSync(join(place, 'node_modules/@commitments'))
  for (const house of ['domain', 'transparency'])
    symlinkSync(join(place, 'packages', house), join(place, 'node_modules/@commitments', house))
  return place
}

function filesIn(folder: string): Map<string, string> {
  const paths = globSync('**/*', { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile())
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(folder, path)).toString('base64')]))
}

t.test('the same sources and the same commit give the same bytes, in whatever folder they are built', async (t) => {
  const [one, other] = [cloneOf(t, 'one'), cloneOf(t, 'a longer name')]
  const [first, second] = [
    await buildAudit({ root: one, outdir: join(one, 'out'), commit }),
    await buildAudit({ root: other, outdir: join(other, 'out'), commit }),
  ]
  t.ok(first.equals(second), 'the program')
  t.strictSame(filesIn(join(one, 'out')), filesIn(join(other, 'out')), 'and all beside it')
  const here = await buildAudit({ outdir: join(temporaryFolder(t), 'out'), commit })
  t.ok(first.equals(here), 'also in the repository itself')
  const changed = join(other, 'packages/audit-cli/src/version.ts')
  writeFileSync(changed, `${readFileSync(changed, 'utf8')}\nconsole.error('one more line')\n`)
  t.notOk(first.equals(await buildAudit({ root: other, outdir: join(other, 'out'), commit })), 'other sources do not')
})

t.test('the commit is what COMMIT says; without it, and without git, it is not known', async (t) => {
  const place = cloneOf(t, 'archive')
  t.equal(commitOf(place, commit), commit)
  t.equal(commitOf(place, undefined), null)
  t.throws(() => commitOf(place, 'main'), /40 hexadecimal digits/)
})

t.test(
  'according to git, the commit is the last one that changed a source of the program',
  { skip: spawnSync('git', ['--version']).status !== 0 && 'git is not at hand' },
  async (t) => {
    const place = cloneOf(t, 'repository')
    const git = (...words: string[]) =>
      spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
        cwd: place,
        encoding: 'utf8',
      }).stdout.trim()
    git('init', '--quiet')
    writeFileSync(join(place, '.gitignore'), 'node_modules\n')
    const record = (message: string) => {
      git('add', '.')
      git('commit', '--quiet', '-m', message)
      return git('rev-parse', 'HEAD')
    }
    const first = record('all of it')
    t.equal(commitOf(place, undefined), first)
    writeFileSync(join(place, 'README.md'), 'something else\n')
    record('a page')
    t.equal(commitOf(place, undefined), first, 'a later commit of other things changes nothing')
    mkdirSync(join(place, 'packages/domain/src/more'))
    writeFileSync(join(place, 'packages/domain/src/more/more.ts'), 'export {}\n')
    t.equal(commitOf(place, undefined), null, 'sources that are not those of a commit have none')
    t.equal(commitOf(place, undefined), null)
    t.equal(record('more'), commitOf(place, undefined))
  },
)

t.test('it is built again only if something has changed', async (t) => {
  const place = cloneOf(t, 'place')
  t.equal(await buildIfChanged({ root: place }), 'built')
  t.equal(await buildIfChanged({ root: place }), 'unchanged')
  writeFileSync(join(place, 'docs/audit.md'), '# Another page\n')
  t.equal(await buildIfChanged({ root: place }), 'built')
  t.match(readFileSync(join(place, 'packages/audit-cli/dist/docs/audit.html'), 'utf8'), /<h1>Another page<\/h1>/)
  t.strictSame(
    readdirSync(join(place, 'packages/audit-cli')),
    ['build.ts', 'dist', 'package.json', 'src'],
    'no draft stays',
  )
})

t.test('every link of a page leads to a served file, or to another site', async (t) => {
  const outdir = join(temporaryFolder(t), 'out')
  await buildAudit({ outdir, commit })
  const pages = globSync('docs/**/*.{html,md}', { cwd: outdir })
  let links = 0
  for (const page of pages) {
    const text = readFileSync(join(outdir, page), 'utf8')
    const targets = page.endsWith('.html') ? text.matchAll(/(?:href|src)="([^"]+)"/g) : text.matchAll(/\]\(([^)]+)\)/g)
    for (const [, target = ''] of targets) {
      if (target.startsWith('https:')) continue
      const path = join(dirname(page), target.replace(/#.*/, ''))
      t.ok(existsSync(join(outdir, path)) && statSync(join(outdir, path)).isFile(), `${page}: ${target}`)
      links += 1
    }
  }
  t.ok(pages.length >= 6 && links >= 8, `${links} links of ${pages.length} pages`)
})

t.test('the program includes the licences of its packages', async (t) => {
  const program = (await buildAudit({ outdir: join(temporaryFolder(t), 'out'), commit })).toString()
  for (const name of ['zod', 'commander', 'cli-progress', 'string-width'])
    t.match(program.slice(program.lastIndexOf('\n/*\n')), new RegExp(`^${name} \\d+\\.\\d+\\.\\d+$`, 'm'))
})
