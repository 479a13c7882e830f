/** The inputs of bundles: whether they have changed, and the licences that must be included. */
import { createHash } from 'node:crypto'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Digest of all files that match the patterns, with their paths from `root`. */
export function digestOfFiles(root: string, patterns: readonly string[]): string {
  const paths = globSync([...patterns], { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const hash = createHash('sha256')
  for (const path of paths.toSorted()) hash.update(`${relative(root, path)}\0${digest(readFileSync(path))}\n`)
  return hash.digest('hex')
}

export function digest(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The licences of the packages among these inputs, which must be included in the bundle. */
export function licencesOf(root: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []))
  const texts = [...folders].map((folder) => licenceIn(join(root, folder)))
  return [...new Set(texts)].toSorted().join('\n---\n\n')
}

function licenceIn(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
  const licence = readdirSync(folder)
    .toSorted()
    .find((file) => /^licen[cs]e/i.test(file))
  if (licence === undefined) throw new Error(`${name} has no licence to pass on`)
  return `${name} ${version}\n\n${readFileSync(join(folder, licence), 'utf8').trim()}\n`
}
