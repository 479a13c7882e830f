import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/** The rules of docs/architecture.md ("Dependencies") and CONTRIBUTING.md that no compiler checks. */

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sources = globSync('{packages,services}/*/src/**/*.{ts,tsx}', { cwd: root }).toSorted()
const textOf = new Map(sources.map((file) => [file, readFileSync(join(root, file), 'utf8')]))

/** What a source refers to: modules in `import … from`, `export … from` and `import(…)`, and files in `new URL(…, import.meta.url)`. */
function named(file: string): string[] {
  const text = textOf.get(file) ?? ''
  const modules = text.matchAll(/(?:\bfrom |\bimport\(|^import )'([^']+)'/gm)
  const files = text.matchAll(/\bnew URL\('([^']+)', import\.meta\.url\)/g)
  return [...[...modules].map(([, name = '']) => name), ...[...files].map(([, name = '']) => `./${name}`)]
}

/** The sources that a source refers to by path. */
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
  // Separate programs, and what they start; test-kit runs only in tests.
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
  'everything printed to a terminal or a log goes through the one function that escapes harmful characters',
  async (t) => {
    const mayPrint = [
      'packages/audit-cli/src/main.ts',
      'packages/http-kit/src/process/logger.ts',
      'packages/http-kit/src/process/run-main.ts',
      'scripts/terminal.ts',
    ]
    const programs = [
      'migrate',
      'rebuild',
      'replay-check',
      'accept-restore',
      'iati-check',
      'start/**/*',
      'rebuild/**/*',
      'terminal',
    ]
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

t.test('transparency imports only modules of Node', async (t) => {
  const foreign = sources
    .filter((file) => file.startsWith('packages/transparency/'))
    .flatMap((file) => named(file).filter((name) => !name.startsWith('.') && !name.startsWith('node:')))
  t.same(foreign, [])
})

/** The table of docs/architecture.md; everybody may import what is not listed. */
const mayKnow: Readonly<Record<string, readonly string[]>> = {
  'packages/domain': [],
  'packages/event-store': ['pg'],
  'packages/transparency': [],
  'packages/http-kit': ['domain', 'fastify'],
  'packages/client': [],
  'packages/board': ['client', 'domain', 'transparency'],
  'packages/audit-cli': ['domain', 'transparency'],
  'packages/iati': ['domain'],
  'packages/iati-check': [],
  'packages/local-postgres': ['pg'],
  'services/command': ['domain', 'event-store', 'transparency', 'http-kit', 'fastify', 'pg'],
  'services/projection': ['domain', 'event-store', 'transparency', 'http-kit', 'iati', 'fastify', 'pg'],
}

t.test('no part uses HTTP, Postgres or another part unless docs/architecture.md allows it', async (t) => {
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

t.test('http-kit uses only the escaping and slicing of the domain, and nothing about commitments', async (t) => {
  const taken = sources
    .filter((file) => file.startsWith('packages/http-kit/'))
    .flatMap((file) => [...(textOf.get(file) ?? '').matchAll(/\{([^}]*)\} from '@commitments\/domain'/g)])
    .flatMap(([, names = '']) => names.split(',').map((name) => name.replace('type ', '').trim()))
  const allowed = ['printable', 'Sliced', 'drained']
  t.same(
    taken.filter((name) => !allowed.includes(name)),
    [],
  )
})

t.test('a source imports only what its package’s manifest names', async (t) => {
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
    const text = globSync('{src,scripts,bin}/**/*.{ts,tsx,mjs}', { cwd: join(root, house) })
      .map((file) => readFileSync(join(root, house, file), 'utf8'))
      .join('\n')
    return Object.keys(dependencies)
      .filter((name) => !text.includes(`'${name}`))
      .map((name) => `${house}: ${name}`)
  })
  t.same(unused, [])
})

t.test('no source imports a service or the test kit, or reaches into the sources of another package', async (t) => {
  const strays = sources.flatMap((file) =>
    named(file)
      .filter((name) => name.startsWith('.') && !name.endsWith('/'))
      .map((name) => join(dirname(file), name))
      .filter((path) => houseOf(path) !== houseOf(file))
      .map((path) => `${file}: ${path}`),
  )
  t.same(strays, [])
  // Tests start both services.
  const services = new Set(['@commitments/command', '@commitments/projection', '@commitments/test-kit'])
  const crossed = sources
    .filter((file) => houseOf(file) !== 'packages/test-kit')
    .flatMap((file) =>
      named(file)
        .filter((name) => services.has(name.split('/').slice(0, 2).join('/')))
        .map((name) => `${file}: ${name}`),
    )
  t.same(crossed, [])
})

t.test('every source is imported', async (t) => {
  const entries = houses.flatMap((house) => [
    ...['main.ts', 'main.tsx', 'boot.ts'].map((name) => join(house, 'src', name)),
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

/** Cycles: sets of nodes that all reach each other along the arrows. */
function circlesOf(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const reachedFrom = (start: string) => {
    const reached = new Set<string>()
    const waiting = [...(arrows.get(start) ?? [])]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (reached.has(node)) continue
      reached.add(node)
      waiting.push(...(arrows.get(node) ?? []))
    }
    return reached
  }
  const reached = new Map([...arrows.keys()].map((node) => [node, reachedFrom(node)]))
  const circles = [...reached]
    .filter(([node, others]) => others.has(node))
    .map(([node, others]) => [...others].filter((other) => reached.get(other)?.has(node)).toSorted())
  return [...new Map(circles.map((circle) => [circle.join(), circle])).values()]
}

/** The sources that a source imports, including types. */
function importedFiles(file: string): string[] {
  const imports = (textOf.get(file) ?? '').matchAll(/(?:\bfrom |\bimport\(|^import )'(\.[^']+)'/gm)
  return [...imports].map(([, name = '']) => join(dirname(file), name))
}

t.test('no two sources import each other, directly or indirectly, not even types', async (t) => {
  const circles = circlesOf(new Map(sources.map((file) => [file, new Set(importedFiles(file))])))
  t.same(circles, [])
})

/** A folder and its parent belong together. */
function isBesideEachOther(one: string, other: string): boolean {
  return one !== other && !one.startsWith(`${other}/`) && !other.startsWith(`${one}/`)
}

t.test('no two folders of a package or service import from each other, directly or indirectly', async (t) => {
  const arrows = new Map<string, Set<string>>()
  // Main and index import everything, and only tests and other packages import them.
  for (const file of sources.filter((path) => !/\/(?:index|main)\.ts$/.test(path))) {
    const folder = dirname(file)
    const to = arrows.get(folder) ?? new Set()
    for (const other of importedFiles(file).map((path) => dirname(path)))
      if (isBesideEachOther(folder, other)) to.add(other)
    arrows.set(folder, to)
  }
  t.same(circlesOf(arrows), [])
})

/** All texts of this repository. */
const everything = new Map(
  globSync('{packages,services,scripts,tests,bench}/**/*.{ts,tsx,mjs}', {
    cwd: root,
    exclude: ['**/node_modules', '**/.tap', '**/dist'],
  }).map((file) => [file, readFileSync(join(root, file), 'utf8')] as const),
)

/** The file that an import leads to; null if it is not in this repository. */
function fileOf(from: string, name: string): string | null {
  if (name.startsWith('.')) return join(dirname(from), name)
  const [house, manifest] = [...manifests].find(([, one]) => name === one.name || name.startsWith(`${one.name}/`)) ?? []
  const path = manifest?.exports?.[`.${name.slice(manifest.name.length)}`]
  return house === undefined || path === undefined ? null : join(house, path)
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '')
}

/** The names that a text defines and exports. */
function definedIn(text: string): string[] {
  const defined = text.matchAll(/^export (?:async |abstract )?(?:function\*?|const|class|interface|type|let) (\w+)/gm)
  return [...defined].map(([, name = '']) => name)
}

/** The interfaces for users of other packages. */
const faces = ['packages/client/src/index.ts', 'packages/audit-cli/src/index.ts']

t.test('every export is imported', async (t) => {
  const taken = new Set<string>()
  for (const [file, text] of everything) {
    for (const [, names = '', from = ''] of text.matchAll(
      /(?:import|export)(?: type)? (\{[^}]*\}|\* as \w+|\*) from '([^']+)'/g,
    )) {
      const target = fileOf(file, from)
      if (!names.startsWith('{')) taken.add(`${target} *`)
      else for (const name of namesIn(names.slice(1, -1))) taken.add(`${target} ${name.split(' as ')[0]}`)
    }
    for (const [, from = ''] of text.matchAll(/\bimport\('([^']+)'\)/g)) taken.add(`${fileOf(file, from)} *`)
  }
  const written = sources.filter((file) => !faces.includes(file) && !/\/(?:generated-\w+|tables)\.ts$/.test(file))
  const unused = written.flatMap((file) => {
    const text = textOf.get(file) ?? ''
    const handedOn = [...text.matchAll(/^export(?: type)? \{([^}]*)\}/gm)].flatMap(([, list = '']) => namesIn(list))
    const names = [...definedIn(text), ...handedOn.map((name) => name.split(' as ').at(-1) ?? '')]
    return names
      .filter((name) => !taken.has(`${file} ${name}`) && !taken.has(`${file} *`))
      .map((name) => `${file}: ${name}`)
  })
  t.same(unused, [])
})

const services = ['command', 'projection'].map((name) => `services/${name}`)

t.test('no two files of one service have the same name', async (t) => {
  for (const service of services) {
    const names = sources.filter((file) => houseOf(file) === service).map((file) => basename(file))
    t.same(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
      service,
    )
  }
})

t.test('no two files of one service export the same name', async (t) => {
  for (const service of services) {
    const own = sources.filter((file) => houseOf(file) === service)
    const names = own.flatMap((file) => definedIn(textOf.get(file) ?? ''))
    t.same(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
      service,
    )
  }
})
