/** The files for auditors that `packages/audit-cli/build.ts` wrote, in memory: the service only serves them. */
import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Coding } from '@commitments/http-kit'
import { z } from 'zod'

interface AuditFile {
  readonly type: string
  readonly bytes: Buffer
  readonly compressed: Readonly<Record<Coding, Buffer>>
  readonly digest: string
}

/** Files by their paths below `/log/`. */
export type AuditFiles = ReadonlyMap<string, AuditFile>

/** Media types; a script is served as text, because people read it before they run it. */
export const auditTypes: Readonly<Record<string, string>> = {
  '.mjs': 'text/javascript; charset=utf-8',
  '.sha256': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.py': 'text/plain; charset=utf-8',
}

const BuiltManifest = z.object({ files: z.array(z.string().regex(/^(?:[\w-]+\/)*[\w-]+(?:\.\w+)+$/)) })

/** Null if nothing is built. @throws if the build is incomplete */
export function readAuditFiles(folder: string): AuditFiles | null {
  const manifest = join(folder, 'manifest.json')
  if (!existsSync(manifest)) return null
  const { files } = BuiltManifest.parse(JSON.parse(readFileSync(manifest, 'utf8')))
  return new Map(files.map((path) => [path, readAuditFile(join(folder, path))]))
}

function readAuditFile(path: string): AuditFile {
  const type = auditTypes[extname(path)]
  if (type === undefined) throw new Error(`${path} is of no type that is served`)
  const bytes = readFileSync(path)
  const compressed = { br: readFileSync(`${path}.br`), gzip: readFileSync(`${path}.gz`) }
  return { type, bytes, compressed, digest: hash('sha256', bytes) }
}
