import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Writes a generated file; with `--check` it is only compared, and a difference makes the process exit with 1. */
export async function writeOrCheck(file: URL, content: string, source: string): Promise<void> {
  const path = fileURLToPath(file)
  if (process.argv.includes('--check')) {
    const committed = await readFile(path, 'utf8').catch(() => '')
    if (committed === content) return
    console.error(`${path} is out of date: run node ${source} and commit the result.`)
    process.exitCode = 1
    return
  }
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}
