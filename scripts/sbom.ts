import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runCommand } from './command.ts'
import { say } from './terminal.ts'

// npm makes the bill. Packages that only development needs are removed here: npm's own `--omit=dev` also leaves out packages that both need, such
// as pg-protocol.

const usage =
  'Usage: npm run sbom --silent\n' +
  'Prints the bill of materials of what runs in production, as CycloneDX JSON, from the lockfile.'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

interface Component {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
}

interface Bill {
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

interface Lock {
  readonly name: string
  readonly packages: Readonly<Record<string, { version?: string; dev?: true; devOptional?: true; link?: true }>>
}

/** `name@version` of every package that the lockfile installs for production. */
function inProduction({ packages }: Lock): Set<string> {
  const mark = 'node_modules/'
  const installed = Object.entries(packages).filter(
    ([path, { dev, devOptional, link }]) => path.includes(mark) && !dev && !devOptional && !link,
  )
  return new Set(
    installed.map(([path, { version }]) => `${path.slice(path.lastIndexOf(mark) + mark.length)}@${version}`),
  )
}

function billOf(lock: Lock): Bill {
  const parameters = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
  const { status, stdout, stderr } = spawnSync('npm', parameters, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (status !== 0) throw new Error(`npm made no bill of materials: ${stderr}`)
  const all = JSON.parse(stdout) as Bill
  const wanted = inProduction(lock)
  const components = all.components.filter(({ name, version }) => wanted.has(`${name}@${version}`))
  const own = { ...all.metadata.component, name: lock.name }
  const refs = new Set([own, ...components].map((component) => component['bom-ref']))
  const dependencies = all.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }))
  return { ...all, metadata: { ...all.metadata, component: own }, components, dependencies }
}

await runCommand(usage, async (given) => {
  parseArgs({ args: given })
  say(JSON.stringify(billOf(JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8')) as Lock), null, 2))
  return 0
})
