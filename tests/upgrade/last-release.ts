/** The release before this one, made out of the history of the repository, with its own sources and the libraries that are installed. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * What counts as the last release as long as none has a number (CHANGELOG.md): the state before migration 0032. An earlier one cannot be left without
 * a failed request: 0031 changed what `log_timeline` says, so that recording waits for the signer, as after a failover.
 */
const firstRelease = '34d1a2221249a514e9068b251d1f486282bb2356'

/** The newest tag `v…` before this commit, or the commit that stands for a release until there is one. Null if the history is not there. */
export function lastRelease(): string | null {
  const { stdout } = git('describe', '--tags', '--abbrev=0', '--match', 'v*', 'HEAD^')
  const release = stdout.trim() || firstRelease
  return git('cat-file', '-e', `${release}^{commit}`).status === 0 ? release : null
}

function git(...parameters: string[]) {
  return spawnSync('git', parameters, { cwd: root, encoding: 'utf8' })
}

/** Writes its sources into the folder. */
export function writeRelease(release: string, folder: string): void {
  const packed = execFileSync('git', ['archive', release], { cwd: root, maxBuffer: 2 ** 30 })
  execFileSync('tar', ['-x', '-C', folder], { input: packed })
  linkLibraries(folder)
}

/** The libraries of this installation, and the packages of the release beside them. */
function linkLibraries(folder: string): void {
  const installed = join(root, 'node_modules')
  const links = join(folder, 'node_modules')
  mkdirSync(join(links, '@commitments'), { recursive: true })
  for (const name of readdirSync(installed).filter((one) => !one.startsWith('.') && one !== '@commitments'))
    symlinkSync(join(installed, name), join(links, name))
  for (const kind of ['packages', 'services'])
    for (const name of readdirSync(join(folder, kind)))
      symlinkSync(join(folder, kind, name), join(links, '@commitments', name))
}
