/**
 * Makes the files for auditors, in `dist`: the command as one program without dependencies (`audit.mjs`), its digest, and the documents
 * that explain how to check a log, in Markdown and as pages. The projection service serves them below `/log/`.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { build } from 'esbuild'
import { Marked } from 'marked'
import { digest, digestOfFiles, licencesOf } from '../../scripts/build/inputs.ts'

const usualRoot = dirname(dirname(import.meta.dirname))

/** The oldest version of Node that runs the program: the first version 20 with `hash` in `node:crypto`. */
export const oldestNode = '20.12'

/** Everything that the program can depend on. */
const sourcesOfProgram = [
  'packages/audit-cli/{src/**/*.ts,build.ts,package.json}',
  'packages/{domain,transparency}/src/**/*.ts',
  'scripts/build/*.ts',
  'package-lock.json',
]

/** A file that is read during the build, by its path below `docs`. */
const documents = [
  'audit.md',
  'signing.md',
  'decisions/0008-transparency-log.md',
  'decisions/0028-how-an-auditor-gets-the-tool.md',
  'decisions/0030-signed-by-callers.md',
]
const scripts = ['audit/verify.py', 'signing/statement.py']

/** Patterns of all files that the build reads, from the root of the repository. */
export const sourcesOfAudit: readonly string[] = [
  ...sourcesOfProgram,
  ...[...documents, ...scripts].map((path) => `docs/${path}`),
]

/** The content of `manifest.json`. */
export interface Manifest {
  /** Digest of the sources, and the commit in the program. */
  readonly sources: string
  /** Paths below `/log/`, which are the paths of the files in the folder. */
  readonly files: readonly string[]
}

interface BuildOptions {
  /** The folder of the repository. */
  readonly root?: string
  readonly outdir?: string
  /** The commit of the sources; null: unknown. It is an input like the sources: the build does not look for it. */
  readonly commit?: string | null
}

/** Builds if the sources have changed. */
export async function buildIfChanged(options: Omit<BuildOptions, 'commit'> = {}): Promise<'built' | 'unchanged'> {
  const { root = usualRoot, outdir = folderIn(root) } = options
  const commit = commitOf(root)
  const manifest = join(outdir, 'manifest.json')
  if (existsSync(manifest)) {
    const { sources } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest
    if (sources === stampOf(root, commit)) return 'unchanged'
  }
  await buildAudit({ root, outdir, commit })
  return 'built'
}

function folderIn(root: string): string {
  return join(root, 'packages/audit-cli/dist')
}

function stampOf(root: string, commit: string | null): string {
  return digest(`${digestOfFiles(root, sourcesOfAudit)}\n${commit}`)
}

/**
 * The commit to write into the program: the value of `COMMIT`; otherwise, if git knows it, the last commit that changed a source of the
 * program, so that it stays the same in later commits. Null if the sources differ from a commit, or nothing tells the commit.
 */
export function commitOf(root: string = usualRoot, given: string | undefined = process.env['COMMIT']): string | null {
  if (given) {
    if (!/^[0-9a-f]{40}$/.test(given)) throw new Error('COMMIT is the full name of a commit, 40 hexadecimal digits.')
    return given
  }
  const paths = sourcesOfProgram.map((pattern) => `:(glob)${pattern}`).flatMap(withoutBraces)
  try {
    const git = (...words: string[]) =>
      execFileSync('git', [...words, '--', ...paths], {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    if (git('status', '--porcelain') !== '') return null
    return git('log', '-1', '--format=%H').trim() || null
  } catch {
    return null
  }
}

/** git does not support alternatives in braces. */
function withoutBraces(pattern: string): string[] {
  const [, before = '', alternatives, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? []
  return alternatives === undefined ? [pattern] : alternatives.split(',').map((one) => `${before}${one}${after}`)
}

/** Builds into a folder. The same sources and the same commit give the same bytes, in any folder. Returns the program. */
export async function buildAudit(options: BuildOptions = {}): Promise<Buffer> {
  const { root = usualRoot, outdir = folderIn(root), commit = null } = options
  const program = await bundle(root, commit)
  const files = new Map<string, Buffer>([
    ['audit.mjs', program],
    // In the format of `sha256sum --check`.
    ['audit.mjs.sha256', Buffer.from(`${digest(program)}  audit.mjs\n`)],
    ...documentFiles(root),
  ])
  const draft = `${outdir}.${process.pid}`
  for (const [path, bytes] of files) await writeForms(join(draft, path), bytes)
  const manifest: Manifest = { sources: stampOf(root, commit), files: [...files.keys()] }
  writeFileSync(join(draft, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  rmSync(outdir, { recursive: true, force: true })
  renameSync(draft, outdir)
  return program
}

/** Not minified: auditors must be able to read what they run. */
async function bundle(root: string, commit: string | null): Promise<Buffer> {
  const { outputFiles, metafile } = await build({
    entryPoints: ['packages/audit-cli/src/main.ts'],
    absWorkingDir: root,
    outfile: 'audit.mjs',
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: `node${oldestNode}`,
    charset: 'utf8',
    legalComments: 'none',
    define: { COMMIT: JSON.stringify(commit) },
    // Some bundled packages call `require`.
    banner: {
      js: `#!/usr/bin/env node\nimport { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)`,
    },
    logLevel: 'warning',
  })
  const foreign = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ path }) => !path.startsWith('node:') && !['events', 'readline'].includes(path))
  if (foreign.length > 0) throw new Error(`audit.mjs would need ${foreign.map(({ path }) => path).join(', ')}`)
  const licences = licencesOf(root, Object.keys(metafile.inputs))
  const notice = licences.replaceAll('*/', '* /')
  return Buffer.from(`${outputFiles[0]?.text}\n/*\nThe packages in this file and their licences:\n\n${notice}*/\n`)
}

function documentFiles(root: string): [string, Buffer][] {
  const read = (path: string) => readFileSync(join(root, 'docs', path))
  const texts = [...documents, ...scripts].map((path): [string, Buffer] => [`docs/${path}`, read(path)])
  const pages = documents.map((path): [string, Buffer] => [
    `docs/${pageName(path)}`,
    pageOf(path, read(path).toString()),
  ])
  return [...texts, ...pages, ['docs/style.css', Buffer.from(style)]]
}

function pageName(path: string): string {
  return path.replace(/\.md$/, '.html')
}

/** The document as a page. Links to documents that are also pages lead to those pages. */
function pageOf(path: string, markdown: string): Buffer {
  const isPage = (href: string) => documents.includes(join(dirname(path), href))
  const marked = new Marked({
    async: false,
    walkTokens: (token) => {
      if (token.type === 'link' && isPage(token['href'] as string)) token['href'] = pageName(token['href'] as string)
    },
  })
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? path
  const up = '../'.repeat(path.split('/').length - 1)
  const head = `<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>${title}</title>\n<link rel="stylesheet" href="${up}style.css">`
  return Buffer.from(
    `<!doctype html>\n<html lang="en">\n<head>\n${head}\n</head>\n<body>\n<main>\n${marked.parse(markdown) as string}</main>\n</body>\n</html>\n`,
  )
}

const style = `:root { color-scheme: light dark; font: 1.05rem/1.6 system-ui, sans-serif }
main { max-width: 54rem; margin: 2rem auto; padding: 0 1rem }
h1, h2 { line-height: 1.25 }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere }
pre { overflow-x: auto; padding: 0.75rem 1rem; border-left: 4px solid color-mix(in srgb, currentColor 25%, transparent) }
pre code { overflow-wrap: normal }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 1rem 0.35rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
`

/** Writes the file and its compressed forms. */
async function writeForms(path: string, bytes: Buffer): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    promisify(gzip)(bytes, { level: 9 }),
  ])
  writeFileSync(`${path}.br`, br)
  writeFileSync(`${path}.gz`, gz)
}
