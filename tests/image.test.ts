/** Everything that the Dockerfile copies exists, passes .dockerignore, and has all its imports. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { sourcesOfAudit } from '../packages/audit-cli/build.ts'
import { sourcesOfBoard } from '../packages/board/build.ts'

const root = dirname(import.meta.dirname)
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** The sources of `COPY a b c target`, except those from another stage; of one stage, or of all. */
function copied(stage?: string): string[] {
  const text = read('Dockerfile')
    .split(/^(?=FROM )/m)
    .filter((one) => stage === undefined || one.split('\n', 1)[0]?.endsWith(` AS ${stage}`))
    .join('')
  const lines = text.match(/^COPY (?!--from).+$/gm) ?? []
  return lines.flatMap((line) => line.split(/\s+/).slice(1, -1))
}

/** Paths that are available to the build: `.dockerignore` excludes everything and then lists exceptions. */
function letThrough(): string[] {
  const rules = read('.dockerignore').split('\n')
  t.equal(rules[0], '*')
  return rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1))
}

t.test('base images are named by digest', async (t) => {
  const base = /^ARG NODE_IMAGE=(.+)$/m.exec(read('Dockerfile'))?.[1] ?? ''
  const stages = [...read('Dockerfile').matchAll(/^FROM (\S+) AS (\S+)$/gm)]
  const names = new Set(stages.map(([, , name = '']) => name))
  const others = stages
    .map(([, image = '']) => image.replace('${NODE_IMAGE}', base))
    .filter((image) => !names.has(image))
  const services = [...read('docker-compose.yml').matchAll(/^ {4}image: (.+)$/gm)].map(([, image = '']) => image)
  t.ok(others.length > 0 && services.length > 0)
  for (const image of [...others, ...services]) t.match(image, /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/)
})

t.test(
  'the board of the compose file may record: its origin is among those that the command service allows',
  async (t) => {
    const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
      readonly services: Readonly<Record<string, { readonly environment: Readonly<Record<string, string>> }>>
    }
    const usual = (service: string, variable: string) =>
      /^\$\{[A-Z_]+:-(.*)\}$/.exec(services[service]?.environment[variable] ?? '')?.[1]
    t.match(usual('projection', 'COMMAND_PUBLIC_URL'), /^http:/)
    t.equal(usual('command', 'ALLOWED_ORIGINS'), usual('command', 'PROJECTION_PUBLIC_URL'))
  },
)

const isWithin = (file: string, folders: readonly string[]) =>
  folders.some((folder) => file === folder || file.startsWith(`${folder}/`))

t.test('every file that the images copy exists, and .dockerignore lets it through', async (t) => {
  const sources = copied()
  t.ok(sources.length > 10)
  const open = letThrough()
  for (const source of sources) {
    t.ok(existsSync(join(root, source)), `${source} is there`)
    t.ok(isWithin(source.replace(/\/$/, ''), open), `${source} is let through`)
  }
})

t.test("the stage that builds board and auditor's command has every file that the builds read", async (t) => {
  const there = copied('served')
  for (const sources of [sourcesOfAudit, sourcesOfBoard]) {
    const files = globSync([...sources], { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile())
    t.ok(files.length > 10)
    const missing = files
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((file) => !isWithin(file, there))
    t.same(missing, [])
  }
})

t.test('a script in the images imports only scripts that are in the images', async (t) => {
  const sources = copied()
  const scripts = sources
    .filter((source) => source.startsWith('scripts/'))
    .flatMap((source) => (source.endsWith('.ts') ? [source] : globSync(`${source}/**/*.ts`, { cwd: root })))
  t.ok(scripts.length > 5)
  for (const script of scripts) {
    for (const [, target = ''] of read(script).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const file = normalize(join(dirname(script), target))
      t.ok(isWithin(file, sources), `${script} imports ${file}`)
    }
  }
})

t.test(
  'the page about images builds every image of the Dockerfile, with its arguments, under the names of the manifests',
  async (t) => {
    const page = read('docs/running/images.md')
    const targets = /for target in (.+); do/.exec(page)?.[1]?.split(' ') ?? []
    const stages = [...read('Dockerfile').matchAll(/^FROM base AS (\S+)$/gm)].map(([, stage = '']) => stage)
    t.same(targets.toSorted(), stages.toSorted())
    const given = [...page.matchAll(/--build-arg (\w+)=/g)].map(([, name]) => name)
    const declared = new Set([...read('Dockerfile').matchAll(/^ARG (\w+)=$/gm)].map(([, name]) => name))
    t.same(given, [...declared])
    for (const target of targets)
      t.match(read('docs/running/kubernetes.md'), `newName: registry.example.org/commitments-${target},`)
  },
)
