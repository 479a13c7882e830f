/**
 * Makes the files of the board that the projection service serves, in `dist`: scripts, style sheets and pictures with names that depend on
 * their content, each uncompressed and compressed, and `manifest.json`, which lists them all. `npm run build` calls it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { build, type Metafile, type OutputFile } from 'esbuild'
import { digest, digestOfFiles, licencesOf } from '../../scripts/build/inputs.ts'

const house = import.meta.dirname
const root = dirname(dirname(house))
/** The folder in which `npm start`, `npm test` and the image build the board, and in which the service looks for it. */
const usualFolder = join(house, 'dist')
/** Everything that the bundle can depend on: our sources, those of other packages of this repository, and the lockfile. Patterns from its root. */
export const sourcesOfBoard: readonly string[] = [
  'packages/board/{src/**/*,build.ts,package.json,tsconfig.json}',
  'packages/{client,domain,transparency}/src/**/*.ts',
  'scripts/build/*.ts',
  'package-lock.json',
]

interface Built {
  readonly manifest: Manifest
  /** Source files of the bundle, by their paths from the root of the repository. */
  readonly inputs: readonly string[]
}

/** The content of `manifest.json`. All names are of files next to it. */
export interface Manifest {
  /** Changes whenever any file does. */
  readonly build: string
  /** Digest of the sources. */
  readonly sources: string
  /** Runs before the first paint. */
  readonly boot: string
  readonly entry: string
  /** Chunks that the entry imports statically, so that the page can request them at the same time. */
  readonly chunks: readonly string[]
  readonly styles: string
  readonly icon: string
  readonly licences: string
  readonly files: Readonly<Record<string, FileEntry>>
}

interface FileEntry {
  readonly bytes: number
  /** Bytes of the compressed forms; absent if there is none. */
  readonly br?: number
  readonly gz?: number
}

/** Builds the board if its sources have changed. */
export async function buildIfChanged(outdir: string = usualFolder): Promise<'built' | 'unchanged'> {
  const manifest = join(outdir, 'manifest.json')
  if (existsSync(manifest)) {
    const { sources } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest
    if (sources === digestOfFiles(root, sourcesOfBoard)) return 'unchanged'
  }
  await buildBoard({ outdir })
  return 'built'
}

/** Builds the board into a folder. Its earlier files stay until the new manifest is written. */
export async function buildBoard({ outdir }: { outdir: string }): Promise<Built> {
  const sources = digestOfFiles(root, sourcesOfBoard)
  const modules = await bundle({
    entryPoints: ['main.tsx', 'styles.css', 'icon.svg'].map((name) => join(house, 'src', name)),
    format: 'esm',
    splitting: true,
  })
  // A module would run after the first paint.
  const boot = await bundle({ entryPoints: [join(house, 'src/boot.ts')], format: 'iife' })
  const inputs = [...new Set([modules, boot].flatMap(({ metafile }) => Object.keys(metafile.inputs)))]
  const contents = new Map(
    [...modules.files, ...boot.files].map(({ path, contents }) => [basename(path), Buffer.from(contents)]),
  )
  const licences = Buffer.from(licencesOf(root, inputs))
  const licencesName = `licences-${digest(licences).slice(0, 8)}.txt`
  contents.set(licencesName, licences)
  const entry = outputOf(modules.metafile, 'main.tsx')
  mkdirSync(outdir, { recursive: true })
  const files = await writeFiles(outdir, contents)
  const manifest: Manifest = {
    build: digest(Buffer.from(Object.keys(files).join('\n'))).slice(0, 16),
    sources,
    boot: basename(outputOf(boot.metafile, 'boot.ts')),
    entry: basename(entry),
    chunks: importedAtOnce(modules.metafile, entry).map((path) => basename(path)),
    styles: basename(outputOf(modules.metafile, 'styles.css')),
    icon: basename(outputOf(modules.metafile, 'icon.svg')),
    licences: licencesName,
    files,
  }
  writeManifest(outdir, manifest)
  return { manifest, inputs }
}

interface Bundle {
  readonly files: readonly OutputFile[]
  readonly metafile: Metafile
}

async function bundle(
  what: Pick<Parameters<typeof build>[0] & object, 'entryPoints' | 'format' | 'splitting'>,
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...what,
    absWorkingDir: root,
    outdir: usualFolder,
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    charset: 'utf8',
    target: 'es2023',
    legalComments: 'none',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.svg': 'copy', '.woff2': 'copy', '.png': 'copy' },
    logLevel: 'warning',
  })
  return { files: outputFiles, metafile }
}

/** The output file of the entry with this name. */
function outputOf({ outputs }: Metafile, name: string): string {
  const own = `packages/board/src/${name}`
  const found = Object.entries(outputs).find(
    ([, one]) => one.entryPoint === own || (own in one.inputs && !one.entryPoint),
  )
  if (found === undefined) throw new Error(`esbuild made nothing of ${name}`)
  return found[0]
}

/** Chunks that an output imports statically, directly or indirectly. */
function importedAtOnce({ outputs }: Metafile, path: string, known: string[] = []): string[] {
  for (const { path: chunk, kind } of outputs[path]?.imports ?? []) {
    if (kind !== 'import-statement' || known.includes(chunk)) continue
    known.push(chunk)
    importedAtOnce({ inputs: {}, outputs }, chunk, known)
  }
  return known
}

async function writeFiles(outdir: string, contents: ReadonlyMap<string, Buffer>): Promise<Record<string, FileEntry>> {
  const files: Record<string, FileEntry> = {}
  const inOrder = [...contents].toSorted(([one], [other]) => (one < other ? -1 : 1))
  for (const [name, bytes] of inOrder) files[name] = await writeForms(outdir, name, bytes)
  return files
}

const texts = new Set(['.js', '.css', '.svg', '.txt'])

/** Writes the file and its compressed forms. */
async function writeForms(outdir: string, name: string, bytes: Buffer): Promise<FileEntry> {
  writeFileSync(join(outdir, name), bytes)
  if (!texts.has(extname(name))) return { bytes: bytes.length }
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    promisify(gzip)(bytes, { level: 9 }),
  ])
  writeFileSync(join(outdir, `${name}.br`), br)
  writeFileSync(join(outdir, `${name}.gz`), gz)
  return { bytes: bytes.length, br: br.length, gz: gz.length }
}

/** The manifest is replaced atomically, so that nobody reads half of it; files that it does not name are removed only afterwards. */
function writeManifest(outdir: string, manifest: Manifest): void {
  const path = join(outdir, 'manifest.json')
  writeFileSync(`${path}.new`, `${JSON.stringify(manifest, null, 2)}\n`)
  renameSync(`${path}.new`, path)
  const kept = new Set([
    'manifest.json',
    ...Object.keys(manifest.files).flatMap((name) => [name, `${name}.br`, `${name}.gz`]),
  ])
  for (const name of readdirSync(outdir)) if (!kept.has(name)) rmSync(join(outdir, name), { recursive: true })
}
