import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/** The machine and the versions: a figure means nothing without them. */
export function describeMachine(): string[] {
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  return [
    `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'processor unknown'}, ${gibibytes} GiB, ${type()} ${release()}`,
    `Node ${process.version}, ${rivalVersions()}, ${pgbenchVersion() ?? 'no pgbench'}`,
  ]
}

/** The output of `pgbench --version`; null if it is not installed. */
export function pgbenchVersion(): string | null {
  return versionOf('pgbench')
}

/** The output of `psql --version`; null if it is not installed. */
export function psqlVersion(): string | null {
  return versionOf('psql')
}

function versionOf(program: string): string | null {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return null
  }
}

function rivalVersions(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return Object.entries(manifest.dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}
