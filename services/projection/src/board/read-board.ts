/** The files that `packages/board/build.ts` wrote, in memory: the service only serves them. */
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Coding } from '@commitments/http-kit'
import { z } from 'zod'

interface BoardFile {
  readonly type: string
  readonly bytes: Buffer
  readonly compressed: Readonly<Partial<Record<Coding, Buffer>>>
}

const name = z.string().regex(/^[\w-]+\.[a-z0-9]+$/)

/** The part of the manifest that we need. */
const BuiltManifest = z.object({
  build: z.string(),
  boot: name,
  entry: name,
  chunks: z.array(name),
  styles: name,
  icon: name,
  licences: name,
  files: z.record(name, z.object({ br: z.int().optional(), gz: z.int().optional() })),
})

export interface Board {
  readonly manifest: z.output<typeof BuiltManifest>
  /** Files by name; a name changes with the content. */
  readonly files: ReadonlyMap<string, BoardFile>
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Null if the board is not built. @throws if the build is incomplete */
export function readBoard(folder: string): Board | null {
  const text = readIfThere(join(folder, 'manifest.json'))
  if (text === null) return null
  const manifest = BuiltManifest.parse(JSON.parse(text.toString()))
  const entries = Object.entries(manifest.files).map(([file, { br, gz }]) => {
    const compressed = {
      ...(br === undefined ? {} : { br: readFileSync(join(folder, `${file}.br`)) }),
      ...(gz === undefined ? {} : { gzip: readFileSync(join(folder, `${file}.gz`)) }),
    }
    const type = types[extname(file)] ?? 'application/octet-stream'
    return [file, { type, bytes: readFileSync(join(folder, file)), compressed }] as const
  })
  return { manifest, files: new Map(entries) }
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
