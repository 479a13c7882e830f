import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/** The rules of docs/architecture.md ("Who may know whom") and CONTRIBUTING.md that no compiler holds. */

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sources = globSync('{packages,services}/*/src/**/*.ts', { cwd: root }).toSorted()
const textOf = new Map(sources.map((file) => [file, readFileSync(join(root, file), 'utf8')]))

/** What a source names: modules of `import … from`, `export … from` and `import(…)`, and files of `new URL(…, import.meta.url)`. */
function named(file: string): string[] {
  const text = textOf.get(file) ?? ''
  const modules = text.matchAll(/(?:\bfrom |\bimport\(|^import )'([^']+)'/gm)
  const files = text.matchAll(/\bnew URL\('([^']+)', import\.meta\.url\)/g)
  return [...[...modules].map(([, name = '']) => name), ...[...files].map(([, name = '']) => `./${name}`)]
}

/** The sources that a source names by their path. */
function namedFiles(file: string): string[] {
  return named(file)
    .map((name) => join(dirname(file), name))
    .filter((path) => textOf.has(path))
}

interface Manifest {
  readonly name: string
  readonly exports?: Record<string, string>
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
}

const houses = globSync('{packages,services}/*', { cwd: root }).filter((house) =>
  existsSync(join(root, house, 'package.json')),
)
const manifests = new Map(
  houses.map((house) => [house, JSON.parse(readFileSync(join(root, house, 'package.json'), 'utf8')) as Manifest]),
)

function houseOf(file: string): string {
  return file.split('/').slice(0, 2).join('/')
}

t.test('only the main.ts of a service reads the environment', async (t) => {
  // Programs of their own, and what they start; test-kit runs inside of tests alone.
  const mayRead =
    /^(services\/[^/]+\/src\/main\.ts|packages\/(audit-cli\/src\/main|http-kit\/src\/run-main)\.ts|packages\/(local-postgres|test-kit)\/)/
  const readers = sources.filter((file) => /\bprocess\.env\b(?!\))/.test(withoutComments(file)))
  t.same(
    readers.filter((file) => !mayRead.test(file)),
    [],
  )
})

function withoutComments(file: string): string {
  return (textOf.get(file) ?? '').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
}

t.test(
  'what is printed to a terminal or a log goes through the one function that escapes what could do harm there',
  async (t) => {
    const mayPrint = [
      'packages/audit-cli/src/main.ts',
      'packages/http-kit/src/process/logger.ts',
      'packages/http-kit/src/process/run-main.ts',
      'scripts/terminal.ts',
    ]
    const programs = ['migrate', 'rebuild', 'replay-check', 'accept-restore', 'start/**/*', 'rebuild/**/*', 'terminal']
    const files = [...sources, ...globSync(`scripts/{${programs.join(',')}}.ts`, { cwd: root })]
    const prints = /\bconsole\.(log|info|warn|error)\(|\bprocess\.std(out|err)\.write\(|\bdestination\(\{/
    const printers = files.filter((file) => prints.test(readFileSync(join(root, file), 'utf8')))
    t.same(printers.toSorted(), mayPrint)
    for (const file of mayPrint) t.match(readFileSync(join(root, file), 'utf8'), /\bprintable\(/, file)
  },
)

t.test('the domain imports zod and nothing else', async (t) => {
  const foreign = sources
    .filter((file) => file.startsWith('packages/domain/'))
    .flatMap((file) => named(file).filter((name) => !name.startsWith('.') && name !== 'zod'))
  t.same(foreign, [])
})

t.test('transparency imports nothing but what Node brings', async (t) => {
  const foreign = sources
    .filter((file) => file.startsWith('packages/transparency/'))
    .flatMap((file) => named(file).filter((name) => !name.startsWith('.') && !name.startsWith('node:')))
  t.same(foreign, [])
})

/** The table of docs/architecture.md; what is not listed may be known by everybody. */
const mayKnow: Readonly<Record<string, readonly string[]>> = {
  'packages/domain': [],
  'packages/event-store': ['pg'],
  'packages/transparency': [],
  'packages/http-kit': ['domain', 'fastify'],
  'packages/client': [],
  'packages/audit-cli': ['domain', 'transparency'],
  'packages/local-postgres': ['pg'],
  'services/command': ['domain', 'event-store', 'transparency', 'http-kit', 'fastify', 'pg'],
  'services/projection': ['domain', 'event-store', 'transparency', 'http-kit', 'fastify', 'pg'],
}

t.test('no part knows of HTTP, of Postgres or of another part what docs/architecture.md does not allow', async (t) => {
  const parts = new Set(['fastify', 'pg', ...[...manifests.values()].map(({ name }) => name)])
  const strays = sources.flatMap((file) => {
    const house = houseOf(file)
    const allowed = mayKnow[house]?.map((name) => (parts.has(name) ? name : `@commitments/${name}`))
    return named(file)
      .map((name) => (name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : name))
      .filter((name) => parts.has(name) && allowed?.includes(name) === false)
      .map((name) => `${file}: ${name}`)
  })
  t.same(strays, [])
})

t.test(
  'http-kit knows of the domain how texts are escaped and long work is sliced, and nothing of commitments',
  async (t) => {
    const taken = sources
      .filter((file) => file.startsWith('packages/http-kit/'))
      .flatMap((file) => [...(textOf.get(file) ?? '').matchAll(/\{([^}]*)\} from '@commitments\/domain'/g)])
      .flatMap(([, names = '']) => names.split(',').map((name) => name.replace('type ', '').trim()))
    const allowed = ['printable', 'Sliced', 'drained']
    t.same(
      taken.filter((name) => !allowed.includes(name)),
      [],
    )
  },
)

t.test('a source imports only what the manifest of its package names', async (t) => {
  const undeclared = sources.flatMap((file) => {
    const house = houseOf(file)
    const { name: own, dependencies = {}, devDependencies = {} } = manifests.get(house) as Manifest
    // Nothing of test-kit runs in production.
    const declared = house === 'packages/test-kit' ? { ...dependencies, ...devDependencies } : dependencies
    return named(file)
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      )
      .filter((name) => name !== own && !(name in declared))
      .map((name) => `${file}: ${name}`)
  })
  t.same(undeclared, [])
})

t.test('a package names no dependency that its sources do not import', async (t) => {
  const unused = [...manifests].flatMap(([house, { dependencies = {} }]) => {
    const text = globSync('{src,scripts,bin}/**/*.{ts,mjs}', { cwd: join(root, house) })
      .map((file) => readFileSync(join(root, house, file), 'utf8'))
      .join('\n')
    return Object.keys(dependencies)
      .filter((name) => !text.includes(`'${name}`))
      .map((name) => `${house}: ${name}`)
  })
  t.same(unused, [])
})

t.test('services do not import each other, and nobody reaches into the sources of another package', async (t) => {
  const strays = sources.flatMap((file) =>
    named(file)
      .filter((name) => name.startsWith('.') && !name.endsWith('/'))
      .map((name) => join(dirname(file), name))
      .filter((path) => houseOf(path) !== houseOf(file))
      .map((path) => `${file}: ${path}`),
  )
  t.same(strays, [])
  const services = new Set(['@commitments/command', '@commitments/projection'])
  const crossed = sources.flatMap((file) =>
    named(file)
      .filter((name) => services.has(name.split('/').slice(0, 2).join('/')))
      .map((name) => `${file}: ${name}`),
  )
  t.same(crossed, [])
})

t.test('there is no source that nobody imports', async (t) => {
  const entries = houses.flatMap((house) => [
    join(house, 'src/main.ts'),
    ...Object.values(manifests.get(house)?.exports ?? {}).map((path) => join(house, path)),
  ])
  const reached = new Set<string>()
  const waiting = entries.filter((file) => textOf.has(file))
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    waiting.push(...namedFiles(file))
  }
  t.ok(reached.size > 300, 'the ways from the entries were found')
  t.same(
    sources.filter((file) => !reached.has(file)).map((file) => relative('.', file)),
    [],
  )
})
