import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfChanged, oldestNode } from '../packages/audit-cli/build.ts'
import { runCommand } from './command.ts'
import { say } from './terminal.ts'

const root = dirname(import.meta.dirname)
const clientFolder = join(root, 'packages/client')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Both packages, as files in the folder. */
export async function packAll(folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  await buildIfChanged()
  return [pack(folder, stageClient), pack(folder, stageAudit)]
}

function pack(folder: string, stage: (staging: string) => void): string {
  const staging = mkdtempSync(join(tmpdir(), 'commitments-pack-'))
  try {
    stage(staging)
    const words = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]
    return join(folder, execFileSync('npm', words, { cwd: staging, encoding: 'utf8' }).trim())
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/** What a package says of itself beside its own members. The licence is for the owner of the product to decide. */
const common = { license: 'UNLICENSED', type: 'module', engines: { node: `>=${oldestNode}` } } as const

function stageClient(staging: string): void {
  const { name, version, description, dependencies = {} } = manifestOf(clientFolder)
  const build = ['node_modules/typescript/bin/tsc', '-p', join(clientFolder, 'tsconfig.build.json')]
  execFileSync(process.execPath, [...build, '--outDir', join(staging, 'dist')], {
    cwd: root,
    stdio: 'inherit',
  })
  const inside = withTheirs(Object.keys(dependencies), clientFolder)
  for (const [dependency, from] of inside) cpSync(from, join(staging, 'node_modules', dependency), { recursive: true })
  cpSync(join(clientFolder, 'README.md'), join(staging, 'README.md'))
  writeManifest(staging, {
    name,
    version,
    description,
    ...common,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
    dependencies,
    bundleDependencies: Object.keys(dependencies),
  })
}

/** The folders of the packages and of what they depend on. */
function withTheirs(names: readonly string[], from: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const name of names) {
    const folder = folderOf(name, from)
    found.set(name, folder)
    const theirs = Object.keys(manifestOf(folder).dependencies ?? {})
    for (const [other, place] of withTheirs(theirs, folder)) found.set(other, place)
  }
  return found
}

/** The folder of an installed package, as Node looks for it. */
function folderOf(name: string, from: string): string {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? []
  const folder = places.map((place) => join(place, name)).find((place) => isPackage(place))
  if (folder === undefined) throw new Error(`${name} is not installed; run npm ci.`)
  return folder
}

function isPackage(folder: string): boolean {
  try {
    return manifestOf(folder).name !== ''
  } catch {
    return false
  }
}

function stageAudit(staging: string): void {
  const folder = join(root, 'packages/audit-cli')
  const { version, description } = manifestOf(folder)
  cpSync(join(folder, 'dist/audit.mjs'), join(staging, 'audit.mjs'))
  cpSync(join(folder, 'README.md'), join(staging, 'README.md'))
  writeManifest(staging, {
    name: 'commitments-audit',
    version,
    description,
    ...common,
    bin: { 'commitments-audit': 'audit.mjs' },
    files: ['audit.mjs'],
  })
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

function writeManifest(folder: string, manifest: object): void {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

const usage =
  'Usage: npm run pack [-- folder]\n' +
  'Makes two packages that npm installs from a file, without this repository and without a registry: the typed client and the auditor’s\n' +
  'command. Prints their paths; the folder is dist unless another one is given.'

async function main(given: string[]): Promise<number> {
  const { positionals } = parseArgs({ args: given, allowPositionals: true })
  for (const file of await packAll(resolve(positionals[0] ?? join(root, 'dist')))) say(file)
  return 0
}

if (import.meta.main) await runCommand(usage, main)
